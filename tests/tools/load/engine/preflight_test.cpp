#include "tools/weir/load/engine/preflight.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

Options many(std::uint32_t connections) {
  Options options;
  options.target = parse_target("tcp://127.0.0.1:9000").value();
  options.connections = 8;
  options.idle_connections = connections;
  return options;
}

TEST(Preflight, FindsEnoughForAFew) {
  EXPECT_FALSE(find_shortage(many(100), {.descriptors = 1'024, .local_ports = 28'000}));
}

TEST(Preflight, SaysWhichLimitAndHowToLiftIt) {
  const auto few = find_shortage(many(1'000), {.descriptors = 1'024, .local_ports = 28'000});
  const auto ports = find_shortage(many(40'000), {.descriptors = 100'000, .local_ports = 28'000});

  ASSERT_TRUE(few);
  EXPECT_THAT(*few, HasSubstr("`ulimit -Hn 1072`"));
  EXPECT_THAT(*few, HasSubstr("ask for at most 960"));
  ASSERT_TRUE(ports);
  EXPECT_THAT(*ports, HasSubstr("name 2 addresses with --source"));
}

TEST(Preflight, MoreAddressesHaveMorePorts) {
  Options options = many(40'000);
  options.sources = {Address::loopback(0), Address::loopback(0)};

  EXPECT_FALSE(find_shortage(options, {.descriptors = 100'000, .local_ports = 28'000}));
}

TEST(Preflight, AUnixSocketNeedsNoPorts) {
  Options options = many(40'000);
  options.target = parse_target("unix:/run/echo").value();

  EXPECT_FALSE(find_shortage(options, {.descriptors = 100'000, .local_ports = 1}));
}

TEST(Preflight, ReadsThisMachine) {
  const SystemRoom room = claim_room();

  EXPECT_GE(room.descriptors, 64U);
  EXPECT_GE(room.local_ports, 1U);
}

}  // namespace
}  // namespace weir::tools::load
