#include "examples/dns_responder/responder.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "examples/dns_responder/zone_file.h"
#include "tests/examples/dns_responder/parsed_response.h"

namespace dns_responder {
namespace {

using test::bytes_of;
using test::make_query;
using test::ParsedResponse;
using test::QueryText;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint16_t type_a = 1;
constexpr std::uint16_t type_soa = 6;
constexpr std::uint16_t type_mx = 15;
constexpr std::uint16_t type_txt = 16;
constexpr std::uint16_t type_any = 255;

class ResponderTest : public testing::Test {
 protected:
  ResponderTest()
      : zone_(std::move(load_zone_file(WEIR_EXAMPLE_ZONE)).value()), responder_(*zone_) {}

  /// The size of the answer, 0 if there is none; then `answer` is what it says.
  std::size_t respond(const std::vector<std::byte>& query, Transport transport,
                      ParsedResponse& answer) {
    std::vector<std::byte> response(response_bytes_max);
    const std::size_t size = responder_.respond(query, transport, response);
    if (size == 0) return 0;
    response.resize(size);
    const std::optional<ParsedResponse> parsed = test::parse_response(response);
    EXPECT_TRUE(parsed) << "the response is malformed";
    if (parsed) answer = *parsed;
    return size;
  }
  ParsedResponse ask(const QueryText& query, Transport transport = Transport::tcp) {
    ParsedResponse answer;
    EXPECT_NE(respond(make_query(query), transport, answer), 0U);
    return answer;
  }

  std::unique_ptr<const Zone> zone_;
  Responder responder_;
};

const std::string soa =
    "example. 300 6 ns1.example. hostmaster.example. 2026010101 7200 600 604800 300";

TEST_F(ResponderTest, AnswersWithAuthority) {
  const ParsedResponse answer = ask({.name = "www.example"});

  EXPECT_EQ(answer.id, 0x1234);
  EXPECT_EQ(answer.flags, flag::response | flag::authoritative);
  EXPECT_EQ(answer.question, "www.example. 1");
  EXPECT_THAT(answer.lines("answer"),
              ElementsAre("www.example. 300 1 c0000250", "www.example. 300 1 c0000251"));
  EXPECT_THAT(answer.lines("authority"), IsEmpty());
  EXPECT_FALSE(answer.edns_bytes);
}

TEST_F(ResponderTest, EchoesTheQuestionLetterForLetter) {
  const ParsedResponse answer = ask({.name = "WwW.eXample"});

  EXPECT_EQ(answer.question, "WwW.eXample. 1");
  EXPECT_EQ(answer.records.at(0).owner, "WwW.eXample.");
}

TEST_F(ResponderTest, CopiesWhatTheClientMayWantBack) {
  EXPECT_EQ(ask({.name = "example", .flags = 0x0110}).flags,
            flag::response | flag::authoritative | 0x0110);
  EXPECT_EQ(ask({.name = "example", .flags = 0x06e0}).flags, flag::response | flag::authoritative);
}

TEST_F(ResponderTest, SaysNoWithTheSoa) {
  const ParsedResponse no_name = ask({.name = "nope.example"});
  const ParsedResponse no_records = ask({.name = "www.example", .type = type_mx});

  EXPECT_EQ(no_name.rcode, 3U);
  EXPECT_EQ(no_records.rcode, 0U);
  for (const ParsedResponse& answer : {no_name, no_records}) {
    EXPECT_TRUE(answer.has(flag::authoritative));
    EXPECT_THAT(answer.lines("answer"), IsEmpty());
    EXPECT_THAT(answer.lines("authority"), ElementsAre(soa));
  }
}

TEST_F(ResponderTest, FollowsAliases) {
  EXPECT_THAT(ask({.name = "home.example"}).lines("answer"),
              ElementsAre("home.example. 3600 5 web.example.", "web.example. 3600 5 www.example.",
                          "www.example. 300 1 c0000250", "www.example. 300 1 c0000251"));
  EXPECT_THAT(ask({.name = "x.alias.example"}).lines("answer"),
              ElementsAre("x.alias.example. 3600 5 www.example.", "www.example. 300 1 c0000250",
                          "www.example. 300 1 c0000251"));
  EXPECT_THAT(ask({.name = "circle.example"}).lines("answer"),
              ElementsAre("circle.example. 3600 5 elcric.example.",
                          "elcric.example. 3600 5 circle.example."));
}

TEST_F(ResponderTest, EndsAliasesWhereTheyLeadToNothing) {
  const ParsedResponse away = ask({.name = "away.example"});
  const ParsedResponse broken = ask({.name = "broken.example"});

  EXPECT_EQ(away.rcode, 0U);
  EXPECT_THAT(away.lines("answer"), ElementsAre("away.example. 3600 5 www.elsewhere.test."));
  EXPECT_THAT(away.lines("authority"), IsEmpty());
  EXPECT_EQ(broken.rcode, 3U);
  EXPECT_THAT(broken.lines("answer"), ElementsAre("broken.example. 3600 5 nothing.example."));
  EXPECT_THAT(broken.lines("authority"), ElementsAre(soa));
}

TEST_F(ResponderTest, RefersToTheServersOfACut) {
  const ParsedResponse answer = ask({.name = "www.sub.example"});

  EXPECT_EQ(answer.flags, flag::response);
  EXPECT_THAT(answer.lines("answer"), IsEmpty());
  EXPECT_THAT(answer.lines("authority"), ElementsAre("sub.example. 3600 2 ns.sub.example.",
                                                     "sub.example. 3600 2 ns2.example."));
  EXPECT_THAT(answer.lines("additional"),
              ElementsAre("ns.sub.example. 3600 1 c0000235", "ns2.example. 3600 1 c0000202"));
}

TEST_F(ResponderTest, AddsTheAddressesOfTargets) {
  const ParsedResponse answer = ask({.name = "any.wild.example", .type = type_mx});

  EXPECT_THAT(answer.lines("answer"), ElementsAre("any.wild.example. 3600 15 10 mail.example."));
  EXPECT_THAT(answer.lines("additional"), ElementsAre("mail.example. 3600 1 c0000219"));
}

TEST_F(ResponderTest, GivesOneSetForAny) {
  const ParsedResponse answer = ask({.name = "www.example", .type = type_any});

  EXPECT_THAT(answer.lines("answer"),
              ElementsAre("www.example. 300 1 c0000250", "www.example. 300 1 c0000251"));
}

TEST_F(ResponderTest, TurnsDownWhatIsNotItsOwn) {
  struct Vector {
    const char* name;
    QueryText query;
    unsigned rcode;
  };
  for (const Vector& v :
       {Vector{"another zone", {.name = "www.test"}, 5}, Vector{"the root", {.name = "."}, 5},
        Vector{"class CH", {.name = "example", .query_class = 3}, 5},
        Vector{"AXFR", {.name = "example", .type = 252}, 5},
        Vector{"IXFR", {.name = "example", .type = 251}, 5},
        Vector{"MAILA", {.name = "example", .type = 254}, 4},
        Vector{"OPT", {.name = "example", .type = 41}, 1},
        Vector{"TSIG", {.name = "example", .type = 250}, 1},
        Vector{"opcode STATUS", {.name = "example", .flags = 0x1000}, 4}}) {
    SCOPED_TRACE(v.name);

    const ParsedResponse answer = ask(v.query);

    EXPECT_EQ(answer.rcode, v.rcode);
    EXPECT_FALSE(answer.has(flag::authoritative));
    EXPECT_THAT(answer.records, IsEmpty());
  }
}

TEST_F(ResponderTest, SaysNothingToWhatIsNoQuery) {
  ParsedResponse answer;

  EXPECT_EQ(respond(bytes_of("1234 0000 0001 0000"), Transport::udp, answer), 0U);
  EXPECT_EQ(respond(make_query({.name = "example", .flags = 0x8000}), Transport::udp, answer), 0U);
}

TEST_F(ResponderTest, AnswersABadQueryWithItsHeader) {
  ParsedResponse answer;

  EXPECT_EQ(respond(bytes_of("1234 0100 0002 0000 0000 0000"), Transport::udp, answer), 12U);

  EXPECT_EQ(answer.id, 0x1234);
  EXPECT_EQ(answer.rcode, 1U);
  EXPECT_EQ(answer.question, "");
}

TEST_F(ResponderTest, EchoesEdns) {
  const ParsedResponse answer = ask({.name = "www.example", .edns_bytes = 4096});
  ParsedResponse version_1;
  (void)respond(bytes_of("1234 0000 0001 0000 0000 0001 00 0001 0001 00 0029 1000 00 01 8000 0000"),
                Transport::udp, version_1);

  EXPECT_EQ(answer.edns_bytes, 1232);
  EXPECT_FALSE(answer.is_dnssec_ok);
  EXPECT_EQ(version_1.rcode, 16U);
  EXPECT_EQ(version_1.edns_bytes, 1232);
  EXPECT_TRUE(version_1.is_dnssec_ok);
}

TEST_F(ResponderTest, KeepsToWhatTheClientTakesByUdp) {
  struct Vector {
    const char* name;
    const char* host;
    std::optional<std::uint16_t> edns_bytes;
    std::size_t size_max;
    bool is_cut;
  };
  for (const Vector& v : {Vector{"without EDNS", "big.example", std::nullopt, 512, true},
                          Vector{"EDNS of less than 512", "big.example", 0, 512, true},
                          Vector{"EDNS of 512", "big.example", 512, 512, true},
                          Vector{"EDNS of enough", "big.example", 1232, 1232, false},
                          Vector{"EDNS of more than we send", "huge.example", 65535, 1232, true},
                          Vector{"what is small", "ns2.example", std::nullopt, 512, false}}) {
    SCOPED_TRACE(v.name);
    const QueryText query{.name = v.host, .type = type_txt, .edns_bytes = v.edns_bytes};
    ParsedResponse answer;

    const std::size_t size = respond(make_query(query), Transport::udp, answer);

    EXPECT_LE(size, v.size_max);
    EXPECT_EQ(answer.has(flag::truncated), v.is_cut);
    EXPECT_EQ(answer.edns_bytes.has_value(), v.edns_bytes.has_value());
    EXPECT_EQ(answer.records.empty(), v.is_cut);
  }
}

TEST_F(ResponderTest, FillsADatagramToTheLastByte) {
  const auto query = make_query({.name = "big.example", .type = type_txt, .edns_bytes = 4096});
  ParsedResponse whole;
  const std::size_t size = respond(query, Transport::udp, whole);
  ASSERT_FALSE(whole.has(flag::truncated));
  for (const std::size_t room : {size, size - 1}) {
    SCOPED_TRACE(room);
    const Responder limited(*zone_, {.udp_payload_bytes_max = static_cast<std::uint16_t>(room)});
    std::vector<std::byte> response(room);

    const std::size_t written = limited.respond(query, Transport::udp, response);

    response.resize(written);
    const auto answer = test::parse_response(response);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->has(flag::truncated), room < size);
  }
}

TEST_F(ResponderTest, GivesEverythingByTcp) {
  const ParsedResponse answer = ask({.name = "huge.example", .type = type_txt});

  EXPECT_EQ(answer.lines("answer").size(), 24U);
  EXPECT_FALSE(answer.has(flag::truncated));
}

TEST_F(ResponderTest, LeavesOutAddedAddressesWithoutACut) {
  // 40 servers for one service: the set fits into 1232, their addresses do not.
  std::string text = "$TTL 60\n$ORIGIN e.\n@ SOA n h 1 2 3 4 5\n@ NS n\n";
  for (int i = 10; i < 50; ++i) {
    text += "@ MX 1 m" + std::to_string(i) + "\nm" + std::to_string(i) + " AAAA ::1\n";
  }
  const auto zone = std::move(parse_zone_file(text, "test")).value();
  const Responder responder(*zone);
  std::vector<std::byte> response(1232);

  response.resize(responder.respond(make_query({.name = "e", .type = type_mx, .edns_bytes = 1232}),
                                    Transport::udp, response));

  const auto answer = test::parse_response(response);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->lines("answer").size(), 40U);
  EXPECT_FALSE(answer->has(flag::truncated));
}

TEST_F(ResponderTest, CutsAReferralWithoutItsGlue) {
  std::string text = "$TTL 60\n$ORIGIN e.\n@ SOA n h 1 2 3 4 5\n@ NS n\n";
  for (int i = 10; i < 30; ++i) {
    text += "s NS n" + std::to_string(i) + ".s\nn" + std::to_string(i) + ".s AAAA ::1\n";
  }
  const auto zone = std::move(parse_zone_file(text, "test")).value();
  const Responder responder(*zone);
  std::vector<std::byte> response(512);

  response.resize(responder.respond(make_query({.name = "x.s.e"}), Transport::udp, response));

  const auto answer = test::parse_response(response);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->lines("authority").size(), 20U);
  EXPECT_TRUE(answer->has(flag::truncated));
}

TEST_F(ResponderTest, CompressesNames) {
  ParsedResponse answer;

  // Header 12, question 13, SOA: pointer 2, fixed 10, ns1 + pointer 6, hostmaster + pointer 13, 20.
  EXPECT_EQ(respond(make_query({.name = "example", .type = type_soa}), Transport::tcp, answer),
            76U);
  EXPECT_EQ(respond(make_query({.name = "www.example", .type = type_a}), Transport::tcp, answer),
            12U + 17U + 2U * 16U);
}

TEST_F(ResponderTest, WritesNamesInFullBeyondThePointersReach) {
  // More than 16 KiB of answer, then names that nothing can point to.
  std::string text = "$TTL 60\n$ORIGIN e.\n@ SOA n h 1 2 3 4 5\n@ NS n\n";
  for (int i = 1000; i < 3000; ++i) text += "@ MX 1 host" + std::to_string(i) + "\n";
  const auto zone = std::move(parse_zone_file(text, "test")).value();
  const Responder responder(*zone);
  std::vector<std::byte> response(response_bytes_max);

  response.resize(
      responder.respond(make_query({.name = "e", .type = type_mx}), Transport::tcp, response));

  const auto answer = test::parse_response(response);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->lines("answer").size(), 2000U);
  EXPECT_EQ(answer->records.back().content, "1 host2999.e.");
}

}  // namespace
}  // namespace dns_responder
