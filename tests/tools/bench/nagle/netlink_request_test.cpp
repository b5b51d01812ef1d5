#include "tools/weir/bench/nagle/netlink_request.h"

#include <linux/netlink.h>

#include <cstring>
#include <string_view>

#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

std::uint16_t u16_at(std::span<const std::byte> bytes, std::size_t offset) {
  std::uint16_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

TEST(NetlinkRequest, BeginsWithItsLengthAndType) {
  NetlinkRequest request(16, 0x400);

  const auto bytes = request.bytes();

  ASSERT_EQ(bytes.size(), sizeof(nlmsghdr));
  EXPECT_EQ(u16_at(bytes, 0), bytes.size());
  EXPECT_EQ(u16_at(bytes, 4), 16);
  EXPECT_EQ(u16_at(bytes, 6), NLM_F_REQUEST | NLM_F_ACK | 0x400);
}

TEST(NetlinkRequest, PadsAttributesButDoesNotCountThePadding) {
  NetlinkRequest request(16, 0);
  request.put(3, std::string_view("abcd"));  // five bytes with the final zero

  const auto bytes = request.bytes();

  ASSERT_EQ(bytes.size(), sizeof(nlmsghdr) + 4 + 8);
  EXPECT_EQ(u16_at(bytes, sizeof(nlmsghdr)), 9);
  EXPECT_EQ(u16_at(bytes, sizeof(nlmsghdr) + 2), 3);
  EXPECT_EQ(std::memcmp(bytes.data() + sizeof(nlmsghdr) + 4, "abcd\0\0\0", 8), 0);
}

TEST(NetlinkRequest, AnAttributeCountsThoseThatItHolds) {
  NetlinkRequest request(16, 0);
  const std::size_t outer = request.begin(1);
  const std::size_t inner = request.begin(2);
  request.put(3, std::uint32_t{7});
  request.end(inner);
  request.end(outer);

  const auto bytes = request.bytes();

  EXPECT_EQ(u16_at(bytes, sizeof(nlmsghdr)), 4 + 4 + 8);
  EXPECT_EQ(u16_at(bytes, sizeof(nlmsghdr) + 4), 4 + 8);
  EXPECT_EQ(u16_at(bytes, sizeof(nlmsghdr) + 8), 8);
  EXPECT_EQ(bytes.size(), sizeof(nlmsghdr) + 16);
}

}  // namespace
}  // namespace weir::tools::bench
