#include "examples/dns_responder/dns_message.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/examples/dns_responder/parsed_response.h"

namespace dns_responder {
namespace {

using test::bytes_of;

/// Id, flags, counts, and the question "a. A IN".
const std::string plain = "1234 0100 0001 0000 0000 0000 01 'a' 00 0001 0001";
const std::string one_more = "1234 0100 0001 0000 0000 0001 01 'a' 00 0001 0001";
const std::string two_more = "1234 0100 0001 0000 0000 0002 01 'a' 00 0001 0001";
const std::string opt = "00 0029 04d0 00 00 8000 0000";

TEST(ParseQuery, ReadsTheQuestion) {
  Query query;

  const std::optional<Rcode> rcode =
      parse_query(bytes_of("1234 0110 0001 0000 0000 0000 03 'WwW' 01 'a' 00 001c 0003"), query);

  EXPECT_EQ(rcode, Rcode::no_error);
  EXPECT_EQ(query.id, 0x1234);
  EXPECT_EQ(query.flags, flag::recursion_desired | flag::checking_disabled);
  EXPECT_EQ(query.name.to_string(), "www.a.");
  EXPECT_EQ(query.type, RecordType::aaaa);
  EXPECT_EQ(query.query_class, 3);
  EXPECT_EQ(query.question_bytes, 11U);
  EXPECT_FALSE(query.edns);
}

TEST(ParseQuery, ReadsTheOptRecord) {
  Query query;

  const std::optional<Rcode> rcode = parse_query(bytes_of(one_more + opt), query);

  EXPECT_EQ(rcode, Rcode::no_error);
  ASSERT_TRUE(query.edns);
  EXPECT_EQ(query.edns->payload_bytes, 1232);
  EXPECT_EQ(query.edns->version, 0);
  EXPECT_TRUE(query.edns->is_dnssec_ok);
}

TEST(ParseQuery, TellsWhatIsWrong) {
  struct Vector {
    const char* name;
    std::string wire;
    std::optional<Rcode> expected;
  };
  const std::vector<Vector> vectors{
      {"empty", "", std::nullopt},
      {"header cut off", "1234 0100 0001 0000 0000 00", std::nullopt},
      {"response", "1234 8100 0001 0000 0000 0000 01 'a' 00 0001 0001", std::nullopt},
      {"header alone", "1234 0100 0000 0000 0000 0000", Rcode::format_error},
      {"NOTIFY", "1234 2000 0001 0000 0000 0000 01 'a' 00 0006 0001", Rcode::not_implemented},
      {"UPDATE", "1234 2800 0000 0000 0000 0000", Rcode::not_implemented},
      {"opcode 15", "1234 7800 0000 0000 0000 0000", Rcode::not_implemented},
      {"two questions", "1234 0100 0002 0000 0000 0000 00 0001 0001 00 0001 0001",
       Rcode::format_error},
      {"an answer", "1234 0100 0001 0001 0000 0000 01 'a' 00 0001 0001", Rcode::format_error},
      {"name cut off", "1234 0100 0001 0000 0000 0000 05 'a'", Rcode::format_error},
      {"question cut off", "1234 0100 0001 0000 0000 0000 01 'a' 00 0001 00", Rcode::format_error},
      {"name by a pointer", "1234 0100 0001 0000 0000 0000 c00c 0001 0001", Rcode::format_error},
      {"bytes left over", plain + "00", Rcode::format_error},
      {"record missing", one_more, Rcode::format_error},
      {"record cut off", one_more + "00 0029 04d0 00", Rcode::format_error},
      {"record's data cut off", one_more + "00 0029 04d0 00 00 0000 0004 0003",
       Rcode::format_error},
      {"unknown flags", "1234 07f0 0001 0000 0000 0000 01 'a' 00 0001 0001", Rcode::no_error},
      {"OPT", one_more + opt, Rcode::no_error},
      {"OPT and bytes left over", one_more + opt + "00", Rcode::format_error},
      {"two OPT", two_more + opt + opt, Rcode::format_error},
      {"OPT of a name", one_more + "c00c 0029 04d0 00 00 0000 0000", Rcode::format_error},
      {"OPT among the authorities", "1234 0100 0001 0000 0001 0000 01 'a' 00 00fb 0001" + opt,
       Rcode::format_error},
      {"unknown option", one_more + "00 0029 04d0 00 00 0000 0006 fde9 0002 abcd", Rcode::no_error},
      {"option cut off", one_more + "00 0029 04d0 00 00 0000 0005 fde9 0002 ab",
       Rcode::format_error},
      {"option header cut off", one_more + "00 0029 04d0 00 00 0000 0003 fde9 00",
       Rcode::format_error},
      {"EDNS version 1", one_more + "00 0029 04d0 00 01 0000 0000", Rcode::bad_version},
      {"TSIG is passed over", two_more + opt + "01 'k' 00 00fa 00ff 00000000 0002 abcd",
       Rcode::no_error},
      {"IXFR with its SOA",
       "1234 0100 0001 0000 0001 0000 01 'a' 00 00fb 0001 c00c 0006 0001 00000000 0002 abcd",
       Rcode::no_error},
      {"an authority",
       "1234 0100 0001 0000 0001 0000 01 'a' 00 0001 0001 00 0001 0001 00000000 0000",
       Rcode::format_error},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);
    Query query;

    EXPECT_EQ(parse_query(bytes_of(v.wire), query), v.expected);
  }
}

TEST(ParseQuery, RefusesEveryFrontOfAGoodQuery) {
  const auto whole = bytes_of(one_more + "00 0029 04d0 00 00 0000 0006 fde9 0002 abcd");
  Query query;
  ASSERT_EQ(parse_query(whole, query), Rcode::no_error);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    // Memory of its own, so that a sanitizer sees a read beyond the end.
    const std::vector<std::byte> front(whole.begin(), whole.begin() + static_cast<long>(size));

    const std::optional<Rcode> rcode = parse_query(front, query);

    EXPECT_EQ(rcode, size < header_bytes ? std::nullopt : std::optional(Rcode::format_error));
  }
}

}  // namespace
}  // namespace dns_responder
