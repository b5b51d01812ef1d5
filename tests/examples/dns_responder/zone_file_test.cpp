#include "examples/dns_responder/zone_file.h"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "examples/dns_responder/record_text.h"
#include "tests/support/wire_text.h"
#include "weir/base/bytes.h"

namespace dns_responder {
namespace {

constexpr std::string_view apex = "$TTL 60\ne. SOA ns h 1 2 3 4 5\n NS ns.\n";

Name name_of(std::string_view text) {
  TokenProblem problem;
  return parse_name({.text = text}, nullptr, problem).value();
}

/// "TTL hex hex ..." of a set, "none" if there is none.
std::string set_of(const Zone& zone, std::string_view name, RecordType type) {
  const Lookup found = zone.find(name_of(name), type);
  if (found.finding != Finding::records) return "none";
  std::string text = std::to_string(found.set->ttl_s);
  for (const Record& record : found.set->records) {
    text += " " + weir::test::to_hex(weir::as_text(record.content));
  }
  return text;
}

TEST(ZoneFile, ReadsRecordsHoweverTheyAreWritten) {
  struct Vector {
    const char* name;
    std::string text;  // behind the apex
    const char* owner;
    RecordType type;
    const char* expected;
  };
  const std::vector<Vector> vectors{
      {"whole name", "w.e. A 192.0.2.1", "w.e.", RecordType::a, "60 c0000201"},
      {"relative to the origin", "$ORIGIN e.\nw A 192.0.2.1", "w.e.", RecordType::a, "60 c0000201"},
      {"origin below the origin", "$ORIGIN e.\n$ORIGIN s\nw A 192.0.2.1", "w.s.e.", RecordType::a,
       "60 c0000201"},
      {"@", "$ORIGIN e.\n@ A 192.0.2.1", "e.", RecordType::a, "60 c0000201"},
      {"the owner before", "w.e. A 192.0.2.1\n\tAAAA ::1", "w.e.", RecordType::aaaa,
       "60 00000000000000000000000000000001"},
      {"TTL and class", "w.e. 1h in A 192.0.2.1", "w.e.", RecordType::a, "3600 c0000201"},
      {"class and TTL", "w.e. IN 1d2H A 192.0.2.1", "w.e.", RecordType::a, "93600 c0000201"},
      {"comments and blank lines", "; one\n\n  ; two\nw.e. A 192.0.2.1;three", "w.e.",
       RecordType::a, "60 c0000201"},
      {"parentheses", "w.e. ( ; here\n A (\n192.0.2.1 )\n)", "w.e.", RecordType::a, "60 c0000201"},
      {"line ends of DOS", "w.e. A 192.0.2.1\r\n", "w.e.", RecordType::a, "60 c0000201"},
      {"capitals", "W.E. a 192.0.2.1", "w.e.", RecordType::a, "60 c0000201"},
      {"two and a duplicate", "w.e. A 192.0.2.1\n A 192.0.2.2\n A 192.0.2.1", "w.e.", RecordType::a,
       "60 c0000201 c0000202"},
      {"escapes in names", "a\\.b\\099.e. A 192.0.2.1", "a\\.bc.e.", RecordType::a, "60 c0000201"},
      {"texts", "w.e. TXT \"a b;(\" c \"\" \"\\\"\\255\"", "w.e.", RecordType::txt,
       "60 056120623b280163000222ff"},
      {"MX", "$ORIGIN e.\nw MX 258 m", "w.e.", RecordType::mx, "60 0102016d016500"},
      {"SRV", "w.e. SRV 1 2 3 .", "w.e.", RecordType::srv, "60 00010002000300"},
      {"CAA", "w.e. CAA 128 issue \"x\"", "w.e.", RecordType::caa, "60 8005697373756578"},
      {"PTR", "w.e. PTR A.", "w.e.", RecordType::ptr, "60 014100"},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);

    const ZoneFileResult zone = parse_zone_file("$ORIGIN e.\n" + std::string(apex) + v.text, "z");

    ASSERT_TRUE(zone) << zone.error().to_string();
    EXPECT_EQ(set_of(**zone, v.owner, v.type), v.expected);
  }
}

TEST(ZoneFile, SaysWhereWhatAndWhatToDo) {
  struct Vector {
    const char* text;  // from line 5 on
    const char* expected;
  };
  for (const Vector& v : {
           Vector{"w A 1.2.3", "z:5:5: \"1.2.3\" is not an IPv4 address; write it like 192.0.2.1"},
           Vector{"w AAAA 1::2::3",
                  "z:5:8: \"1::2::3\" is not an IPv6 address; write it like 2001:db8::1"},
           Vector{"w A",
                  "z:5:4: an address is missing; add it behind the others, or open a parenthesis "
                  "before the line ends"},
           Vector{"w A 192.0.2.1 x",
                  "z:5:15: more than a record of this type has; remove it, or put it on a "
                  "line of its own"},
           Vector{"w HINFO a b",
                  "z:5:3: \"HINFO\" is not a type of record; use SOA, NS, A, AAAA, MX, TXT, "
                  "CNAME, PTR, SRV or CAA, of class IN"},
           Vector{"w CH TXT a",
                  "z:5:3: \"CH\" is not a type of record; use SOA, NS, A, AAAA, MX, TXT, CNAME, "
                  "PTR, SRV or CAA, of class IN"},
           Vector{"w 9x A 1.2.3.4",
                  "z:5:3: \"9x\" is not a TTL; write seconds up to 2147483647, or 1h, 1d12h "
                  "and the like"},
           Vector{"w 2147483648 A 1.2.3.4",
                  "z:5:3: \"2147483648\" is not a TTL; write seconds up to "
                  "2147483647, or 1h, 1d12h and the like"},
           Vector{"w 300", "z:5:6: a record without a type; write the type before the data"},
           Vector{"w MX 65536 m",
                  "z:5:6: \"65536\" is not a preference; write a number from 0 to 65535"},
           Vector{"w TXT \"a", "z:5:7: a quote that is never closed; add a \""},
           Vector{"w TXT \"a\n\"", "z:5:7: a quote that is not closed on its line; add a \""},
           Vector{"w TXT \\256",
                  "z:5:7: a bad escape; write \\ and three digits up to 255, or \\ and a "
                  "character"},
           Vector{"w A ( 1.2.3.4", "z:5:5: a parenthesis that is never closed; add a )"},
           Vector{"w A 1.2.3.4 )", "z:5:13: a ) without a (; remove it"},
           Vector{"w..x A 1.2.3.4",
                  "z:5:1: \"w..x\" is not a name; labels have 1 to 63 bytes, a name at most "
                  "255 in all"},
           Vector{"w.f. A 1.2.3.4",
                  "z:5:1: w.f. is outside of the zone e.; put it into the file of its own "
                  "zone"},
           Vector{"@ CNAME x",
                  "z:5:1: e. has a CNAME and other records; a CNAME must be alone (RFC 1034 "
                  "section 3.6.2)"},
           Vector{"w CNAME x\nw CNAME y", "z:6:1: a second CNAME at w.e.; remove one of them"},
           Vector{"w 1 A 1.2.3.4\nw 2 A 1.2.3.5",
                  "z:6:1: TTL 2 differs from the 1 of the same name and type; "
                  "give all records of a set one TTL (RFC 2181 section 5.2)"},
           Vector{"*.w NS x", "z:5:1: a wildcard that delegates; delegate each name by itself"},
           Vector{"w SOA a b 1 2 3 4 5",
                  "z:5:1: a SOA below the zone's apex; a zone has one SOA, at its apex"},
           Vector{"$INCLUDE x",
                  "z:5:1: \"$INCLUDE\" is not supported; use $ORIGIN and $TTL only, and write "
                  "out the rest"},
           Vector{"$TTL", "z:5:1: $TTL wants one value; such as $TTL 1h"},
           Vector{"w CAA 0 is-sue x",
                  "z:5:9: \"is-sue\" is not a tag; write issue, issuewild or iodef"},
       }) {
    SCOPED_TRACE(v.text);

    const ZoneFileResult zone =
        parse_zone_file("$ORIGIN e.\n" + std::string(apex) + std::string(v.text), "z");

    ASSERT_FALSE(zone);
    EXPECT_EQ(zone.error().to_string(), v.expected);
  }
}

TEST(ZoneFile, IsRefusedWithoutWhatAZoneNeeds) {
  struct Vector {
    const char* text;
    const char* expected;
  };
  for (const Vector& v : {
           Vector{"", "z:1:1: no records; begin with a SOA"},
           Vector{"; nothing\n", "z:2:1: no records; begin with a SOA"},
           Vector{"e. 1 A 1.2.3.4",
                  "z:1:1: the first record is not a SOA; begin with it: it says what the "
                  "zone is"},
           Vector{" A 1.2.3.4",
                  "z:1:2: the first record has no owner; write its name, or @, at the line's "
                  "start"},
           Vector{"e A 1.2.3.4",
                  "z:1:1: \"e\" is relative to an origin that is not known; end it with a dot, "
                  "or put $ORIGIN before it"},
           Vector{"e. SOA a. b. 1 2 3 4 5", "z:1:1: no TTL; put $TTL 1h before the first record"},
           Vector{"e. 1 SOA a. b. 1 2 3 4 5\n",
                  "z:2:1: the zone e. has no NS; name its servers at the apex"},
       }) {
    SCOPED_TRACE(v.text);

    const ZoneFileResult zone = parse_zone_file(v.text, "z");

    ASSERT_FALSE(zone);
    EXPECT_EQ(zone.error().to_string(), v.expected);
  }
}

TEST(ZoneFile, BoundsTheWordsOfARecord) {
  std::string text = "$ORIGIN e.\n" + std::string(apex) + "w TXT";
  for (std::size_t i = 0; i < ZoneLexer::tokens_max; ++i) text += " a";

  const ZoneFileResult zone = parse_zone_file(text, "z");

  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().what, "a record of more than 4096 words");
}

TEST(ZoneFile, NamesTheFileThatIsNotThere) {
  const ZoneFileResult zone = load_zone_file("/nothing/here.zone");

  ASSERT_FALSE(zone);
  EXPECT_EQ(zone.error().to_string(),
            "/nothing/here.zone: No such file or directory; name a zone file that can be read");
}

TEST(ZoneFile, TheExampleIsGood) {
  const ZoneFileResult zone = load_zone_file(WEIR_EXAMPLE_ZONE);

  ASSERT_TRUE(zone) << zone.error().to_string();
  EXPECT_EQ((*zone)->origin().to_string(), "example.");
  EXPECT_GT((*zone)->record_count(), 50U);
}

}  // namespace
}  // namespace dns_responder
