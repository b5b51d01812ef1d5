#include "tools/weir/load/cli/source_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> hosts(std::string_view text) {
  std::vector<std::string> out;
  const auto sources = parse_source_list(text);
  EXPECT_TRUE(sources) << sources.error().message;
  for (const Address& address : sources.value_or(std::vector<Address>())) {
    out.push_back(address.host());
  }
  return out;
}

std::string refusal(std::string_view text) {
  const auto sources = parse_source_list(text);
  EXPECT_FALSE(sources);
  return sources ? std::string() : sources.error().message;
}

TEST(SourceList, ReadsAddresses) {
  EXPECT_THAT(hosts("127.0.0.2,::1"), ElementsAre("127.0.0.2", "::1"));
}

TEST(SourceList, AllOfALoopbackNetworkCanBeUsed) {
  EXPECT_THAT(hosts("127.0.1.1/30"),
              ElementsAre("127.0.1.0", "127.0.1.1", "127.0.1.2", "127.0.1.3"));
}

TEST(SourceList, OtherNetworksHaveAddressesThatAreNobodys) {
  EXPECT_THAT(hosts("10.0.0.0/30"), ElementsAre("10.0.0.1", "10.0.0.2"));
  EXPECT_THAT(hosts("10.0.0.8/32"), ElementsAre("10.0.0.8"));
}

TEST(SourceList, RefusesTheRest) {
  EXPECT_THAT(refusal("localhost"), HasSubstr("is not an IP address"));
  EXPECT_THAT(refusal("127.0.0.1/x"), HasSubstr("is not an IPv4 network"));
  EXPECT_THAT(refusal("127.0.0.1/33"), HasSubstr("is not an IPv4 network"));
  EXPECT_THAT(refusal("10.0.0.0/8"), HasSubstr("at most 4096"));
  EXPECT_THAT(refusal(""), HasSubstr("is not an IP address"));
}

}  // namespace
}  // namespace weir::tools::load
