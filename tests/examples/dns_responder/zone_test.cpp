#include "examples/dns_responder/zone.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "examples/dns_responder/record_text.h"
#include "examples/dns_responder/zone_file.h"

namespace dns_responder {
namespace {

std::unique_ptr<const Zone> zone_of(std::string_view records) {
  const std::string text =
      "$ORIGIN example.\n$TTL 3600\n@ SOA ns1 host 1 2 3 4 300\n@ NS ns1\n" + std::string(records);
  ZoneFileResult zone = parse_zone_file(text, "test");
  EXPECT_TRUE(zone) << zone.error().to_string();
  return std::move(zone).value();
}

const char* text_of(Finding finding) {
  switch (finding) {
    case Finding::records:
      return "records";
    case Finding::alias:
      return "alias";
    case Finding::no_records:
      return "no records";
    case Finding::no_name:
      return "no name";
    case Finding::referral:
      return "referral";
    case Finding::out_of_zone:
      return "out of zone";
  }
  return "";
}

/// "finding owner-of-the-node", without the owner if there is none.
std::string find(const Zone& zone, std::string_view name, RecordType type = RecordType::a) {
  TokenProblem problem;
  const Name wanted = parse_name({.text = name}, nullptr, problem).value();
  const Lookup found = zone.find(wanted, type);
  std::string text = text_of(found.finding);
  if (found.node != nullptr) text += " " + Name::from_wire(found.node->name()).to_string();
  return text;
}

TEST(Zone, FindsWhatIsThereAndWhatIsNot) {
  const auto zone = zone_of("www A 192.0.2.1\nalias CNAME www\na.b.c A 192.0.2.2\n");

  EXPECT_EQ(find(*zone, "www.example."), "records www.example.");
  EXPECT_EQ(find(*zone, "www.example.", RecordType::any), "records www.example.");
  EXPECT_EQ(find(*zone, "www.example.", RecordType::mx), "no records www.example.");
  EXPECT_EQ(find(*zone, "example."), "no records example.");
  EXPECT_EQ(find(*zone, "alias.example."), "alias alias.example.");
  EXPECT_EQ(find(*zone, "alias.example.", RecordType::cname), "records alias.example.");
  EXPECT_EQ(find(*zone, "alias.example.", RecordType::any), "records alias.example.");
  EXPECT_EQ(find(*zone, "nope.example."), "no name example.");
  EXPECT_EQ(find(*zone, "x.www.example."), "no name www.example.");
}

TEST(Zone, KnowsNothingOfOtherZones) {
  const auto zone = zone_of("");

  EXPECT_EQ(find(*zone, "."), "out of zone");
  EXPECT_EQ(find(*zone, "test."), "out of zone");
  EXPECT_EQ(find(*zone, "www.test."), "out of zone");
  EXPECT_EQ(find(*zone, "notexample."), "out of zone");
  EXPECT_EQ(find(*zone, "example.test."), "out of zone");
}

TEST(Zone, HasTheNamesBetweenOthersAndTheApex) {
  const auto zone = zone_of("a.b.c A 192.0.2.2\n");

  EXPECT_EQ(find(*zone, "b.c.example."), "no records b.c.example.");
  EXPECT_EQ(find(*zone, "c.example.", RecordType::any), "no records c.example.");
  EXPECT_EQ(find(*zone, "x.c.example."), "no name c.example.");
}

// The zone and the answers of RFC 4592 section 2.2.1.
TEST(Zone, AnswersTheExampleOfRfc4592) {
  const auto zone = zone_of(
      "*.example. TXT wildcard\n*.example. MX 10 host1\nsub.*.example. TXT other\n"
      "host1 A 192.0.2.1\n_ssh._tcp.host1 SRV 0 0 22 host1\n_ssh._tcp.host2 SRV 0 0 22 host2\n"
      "subdel NS ns.example.com.\nsubdel NS ns.example.net.\n");

  EXPECT_EQ(find(*zone, "host3.example.", RecordType::mx), "records *.example.");
  EXPECT_EQ(find(*zone, "host3.example.", RecordType::a), "no records *.example.");
  EXPECT_EQ(find(*zone, "foo.bar.example.", RecordType::txt), "records *.example.");
  EXPECT_EQ(find(*zone, "host1.example.", RecordType::mx), "no records host1.example.");
  EXPECT_EQ(find(*zone, "sub.*.example.", RecordType::mx), "no records sub.*.example.");
  EXPECT_EQ(find(*zone, "_telnet._tcp.host1.example.", RecordType::srv),
            "no name _tcp.host1.example.");
  EXPECT_EQ(find(*zone, "host.subdel.example.", RecordType::a), "referral subdel.example.");
  EXPECT_EQ(find(*zone, "ghost.*.example.", RecordType::mx), "no name *.example.");
}

TEST(Zone, DoesNotReachBelowAnEmptyNameByAWildcardAbove) {
  const auto zone = zone_of("*.w TXT a\na.b.w A 192.0.2.1\n");

  EXPECT_EQ(find(*zone, "x.w.example.", RecordType::txt), "records *.w.example.");
  EXPECT_EQ(find(*zone, "b.w.example.", RecordType::txt), "no records b.w.example.");
  EXPECT_EQ(find(*zone, "x.b.w.example.", RecordType::txt), "no name b.w.example.");
}

TEST(Zone, RefersToTheTopmostCut) {
  const auto zone = zone_of(
      "sub NS ns.sub\nsub NS ns.elsewhere.\nns.sub A 192.0.2.53\ndeep.sub NS x.\n*.sub A "
      "192.0.2.9\n");

  EXPECT_EQ(find(*zone, "sub.example.", RecordType::ns), "referral sub.example.");
  EXPECT_EQ(find(*zone, "ns.sub.example."), "referral sub.example.");
  EXPECT_EQ(find(*zone, "x.deep.sub.example."), "referral sub.example.");
  EXPECT_EQ(find(*zone, "other.sub.example."), "referral sub.example.");
  EXPECT_EQ(find(*zone, "sub.example.", RecordType::ds), "no records sub.example.");
  EXPECT_EQ(find(*zone, "x.sub.example.", RecordType::ds), "referral sub.example.");
}

TEST(Zone, KeepsANoForTheShorterTime) {
  const auto long_soa = zone_of("");
  const ZoneFileResult short_soa =
      parse_zone_file("e. 30 SOA a. b. 1 2 3 4 300\ne. 30 NS a.\n", "test");

  EXPECT_EQ(long_soa->negative_soa().ttl_s, 300U);
  EXPECT_EQ((*short_soa)->negative_soa().ttl_s, 30U);
}

TEST(Zone, CanBeTheRoot) {
  const ZoneFileResult zone =
      parse_zone_file(". 30 SOA a. b. 1 2 3 4 300\n. 30 NS a.\nx. 30 A 192.0.2.1\n", "test");
  ASSERT_TRUE(zone);

  EXPECT_EQ(find(**zone, "x."), "records x.");
  EXPECT_EQ(find(**zone, "."), "no records .");
  EXPECT_EQ(find(**zone, "y.z."), "no name .");
}

}  // namespace
}  // namespace dns_responder
