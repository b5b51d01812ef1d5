#include "examples/delay_relay/delay_queue.h"

#include <chrono>
#include <cstring>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace delay_relay {
namespace {

using std::chrono::milliseconds;

constexpr weir::TimePoint start{std::chrono::hours(1)};

DelayQueue queue_of(std::size_t packets_max) {
  return DelayQueue({.delay = milliseconds(10), .packets_max = packets_max, .packet_bytes_max = 8});
}

bool push(DelayQueue& queue, std::string_view packet, weir::TimePoint arrived = start) {
  std::memcpy(queue.room().data(), packet.data(), packet.size());
  return queue.push(packet.size(), arrived);
}

std::string pop(DelayQueue& queue) {
  const std::span<const std::byte> bytes = queue.front().bytes;
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  queue.pop();
  return text;
}

TEST(DelayQueue, IsNeverDueWhileEmpty) {
  const DelayQueue queue = queue_of(2);

  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.next_due(), weir::TimePoint::max());
}

TEST(DelayQueue, MakesEachPacketDueTheDelayAfterItsArrival) {
  DelayQueue queue = queue_of(2);

  push(queue, "a", start);
  push(queue, "b", start + milliseconds(3));

  EXPECT_EQ(queue.next_due(), start + milliseconds(10));
  EXPECT_EQ(queue.front().due, start + milliseconds(10));
  queue.pop();
  EXPECT_EQ(queue.next_due(), start + milliseconds(13));
}

TEST(DelayQueue, GivesPacketsBackInOrderAndWhole) {
  DelayQueue queue = queue_of(3);

  push(queue, "first");
  push(queue, "");
  push(queue, "all of 8");

  EXPECT_EQ(pop(queue), "first");
  EXPECT_EQ(pop(queue), "");
  EXPECT_EQ(pop(queue), "all of 8");
  EXPECT_TRUE(queue.empty());
}

TEST(DelayQueue, DropsAndCountsTheNewestPacketWhenFull) {
  DelayQueue queue = queue_of(2);
  push(queue, "a");
  push(queue, "b");

  EXPECT_FALSE(push(queue, "c"));
  EXPECT_FALSE(push(queue, "d"));

  EXPECT_EQ(queue.dropped_count(), 2U);
  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(pop(queue), "a");
  EXPECT_EQ(pop(queue), "b");
}

TEST(DelayQueue, TakesPacketsAgainOnceThereIsRoom) {
  DelayQueue queue = queue_of(1);
  push(queue, "a");
  EXPECT_FALSE(push(queue, "lost"));
  queue.pop();

  EXPECT_TRUE(push(queue, "b"));

  EXPECT_EQ(pop(queue), "b");
  EXPECT_EQ(queue.dropped_count(), 1U);
}

TEST(DelayQueue, HasRoomForAWholePacketWhateverItHolds) {
  DelayQueue queue = queue_of(3);
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(queue.room().size(), 8U);
    push(queue, "x");
  }
}

TEST(DelayQueue, KeepsPacketsApartRoundTheEndOfItsMemory) {
  // Three slots and one that is free: each count of packets meets the end at another slot.
  DelayQueue queue = queue_of(3);
  int pushed = 0;
  int popped = 0;
  for (const int burst : {1, 2, 3, 1, 3, 2, 3, 3, 1, 1, 2, 3}) {
    for (int i = 0; i < burst; ++i) EXPECT_TRUE(push(queue, "p" + std::to_string(pushed++)));
    for (int i = 0; i < burst; ++i) EXPECT_EQ(pop(queue), "p" + std::to_string(popped++));
  }

  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.size_max(), 3U);
  EXPECT_EQ(queue.dropped_count(), 0U);
}

}  // namespace
}  // namespace delay_relay
