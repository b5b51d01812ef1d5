// The queue of a UDP socket: its bound, what each policy drops at it, and in which order the rest
// is taken.
#include "net/datagram_queue.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/bytes.h"

namespace weir::detail {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

std::string text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

/// One that nobody starts.
class IdleSource final : public reactor::DatagramSource {
 public:
  using DatagramSource::DatagramSource;
  void run() noexcept override {}
};

/// A queue, and the reactor that fills it.
class QueueWorld {
 public:
  QueueWorld(OverflowPolicy overflow, std::size_t bytes_max)
      : queue(source, UdpOptions{.receive_bytes_max = bytes_max, .overflow = overflow}) {}

  void receive(std::string_view text, std::uint32_t segment_bytes = 0,
               std::uint32_t drops_since = 0) {
    DatagramTrain train;
    train.payload = Buffer::copy_of(as_bytes(text));
    train.wire_bytes = static_cast<std::uint32_t>(text.size());
    train.segment_bytes = segment_bytes;
    train.drops_since = drops_since;
    source.inbox_bytes += text.size() + datagram_overhead_bytes;
    source.inbox.push_back(std::move(train));
  }

  std::string take_one() { return text_of(queue.take_one().payload.bytes()); }

  std::vector<std::string> take_all() {
    std::vector<std::string> texts;
    for (const Datagram& datagram : queue.take_all()) texts.push_back(text_of(datagram.payload()));
    return texts;
  }

  reactor::DatagramDescriptor socket;
  IdleSource source{socket};
  DatagramQueue queue;
};

/// What so many datagrams of a byte each take.
constexpr std::size_t cost_of_bytes(std::size_t count) {
  return count * (1 + datagram_overhead_bytes);
}

TEST(DatagramQueue, TellsTheSourceWhereToStop) {
  const QueueWorld pausing(OverflowPolicy::pause, 1000);
  const QueueWorld newest(OverflowPolicy::drop_newest, 1000);
  const QueueWorld oldest(OverflowPolicy::drop_oldest, 1000);
  const QueueWorld least(OverflowPolicy::pause, 0);

  // Who drops reads on: a turn of the reactor, beyond the bound, is dropped after it.
  EXPECT_EQ(pausing.source.inbox_bytes_max, 1000U);
  EXPECT_GT(newest.source.inbox_bytes_max, 1000U);
  EXPECT_EQ(oldest.source.inbox_bytes_max, newest.source.inbox_bytes_max);
  EXPECT_EQ(least.source.inbox_bytes_max, 1U);
}

TEST(DatagramQueue, GivesAllInTheOrderOfArrival) {
  QueueWorld world(OverflowPolicy::pause, 1000);
  EXPECT_TRUE(world.queue.empty());
  for (const char* text : {"a", "b", "c"}) world.receive(text);
  EXPECT_FALSE(world.queue.empty());

  EXPECT_THAT(world.take_all(), ElementsAre("a", "b", "c"));
  EXPECT_TRUE(world.queue.empty());
  EXPECT_EQ(world.source.inbox_bytes, 0U);
  EXPECT_THAT(world.take_all(), IsEmpty());
}

TEST(DatagramQueue, GivesOneByOneWhatCameAsATrain) {
  QueueWorld world(OverflowPolicy::pause, 1000);
  world.receive("aabbc", /*segment_bytes=*/2, /*drops_since=*/7);
  world.receive("d");
  const std::size_t whole = world.source.inbox_bytes;

  const DatagramTrain first = world.queue.take_one();

  EXPECT_EQ(text_of(first.payload.bytes()), "aa");
  EXPECT_EQ(first.segment_bytes, 0U);
  EXPECT_EQ(first.wire_bytes, 2U);
  EXPECT_EQ(first.drops_since, 7U);
  EXPECT_EQ(world.source.inbox_bytes, whole);  // a train counts until its last is taken
  const DatagramTrain second = world.queue.take_one();
  EXPECT_EQ(text_of(second.payload.bytes()), "bb");
  EXPECT_EQ(second.drops_since, 0U);  // told with the first
  EXPECT_EQ(world.take_one(), "c");
  EXPECT_EQ(world.source.inbox_bytes, cost_of_bytes(1));
  EXPECT_EQ(world.take_one(), "d");
  EXPECT_TRUE(world.queue.empty());
  EXPECT_EQ(world.source.inbox_bytes, 0U);
}

TEST(DatagramQueue, GivesTheRestOfATrainThatWasBegun) {
  QueueWorld world(OverflowPolicy::pause, 1000);
  world.receive("gone");
  world.receive("aabbcc", /*segment_bytes=*/2);
  world.receive("d");
  EXPECT_EQ(world.take_one(), "gone");
  EXPECT_EQ(world.take_one(), "aa");

  EXPECT_THAT(world.take_all(), ElementsAre("bb", "cc", "d"));
  EXPECT_TRUE(world.queue.empty());
}

TEST(DatagramQueue, KeepsTheOrderHoweverManyAreTakenOneByOne) {
  QueueWorld world(OverflowPolicy::pause, 1 << 20);
  std::vector<std::string> sent;
  std::vector<std::string> taken;
  // Two come for each one taken, then they are taken to the end: the list is moved up in between.
  for (int i = 0; i < 500; ++i) {
    for (int part = 0; part < 2; ++part) {
      sent.push_back(std::to_string(2 * i + part));
      world.receive(sent.back());
    }
    taken.push_back(world.take_one());
  }
  while (!world.queue.empty()) {
    EXPECT_LE(world.source.inbox.size(), 2 * sent.size());
    taken.push_back(world.take_one());
  }

  EXPECT_THAT(taken, ElementsAreArray(sent));
  EXPECT_THAT(world.source.inbox, IsEmpty());
  EXPECT_EQ(world.source.inbox_bytes, 0U);
}

TEST(DatagramQueue, WhoPausesDropsNothing) {
  QueueWorld world(OverflowPolicy::pause, cost_of_bytes(2));
  for (const char* text : {"a", "b", "c"}) world.receive(text);

  world.queue.apply_overflow_policy();

  EXPECT_THAT(world.take_all(), ElementsAre("a", "b", "c"));
  EXPECT_EQ(world.socket.stats.dropped_newest + world.socket.stats.dropped_oldest, 0U);
}

TEST(DatagramQueue, WhatFillsItExactlyStays) {
  for (const auto overflow : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    QueueWorld world(overflow, cost_of_bytes(2));
    for (const char* text : {"a", "b"}) world.receive(text);

    world.queue.apply_overflow_policy();

    EXPECT_THAT(world.take_all(), ElementsAre("a", "b"));
    EXPECT_EQ(world.socket.stats.dropped_newest + world.socket.stats.dropped_oldest, 0U);
  }
}

TEST(DatagramQueue, DropsTheNewest) {
  QueueWorld world(OverflowPolicy::drop_newest, cost_of_bytes(2));
  for (const char* text : {"a", "b"}) world.receive(text);
  world.receive("c", 0, /*drops_since=*/3);
  world.receive("ddeef", /*segment_bytes=*/2, /*drops_since=*/5);

  world.queue.apply_overflow_policy();

  EXPECT_EQ(world.source.inbox_bytes, cost_of_bytes(2));
  EXPECT_EQ(world.socket.stats.dropped_newest, 4U);  // three of them came as a train
  EXPECT_EQ(world.socket.stats.dropped_oldest, 0U);
  EXPECT_EQ(world.socket.drops_untold, 8U);  // what the kernel dropped is told with what comes next
  EXPECT_THAT(world.take_all(), ElementsAre("a", "b"));
}

TEST(DatagramQueue, DropsTheOldest) {
  QueueWorld world(OverflowPolicy::drop_oldest, cost_of_bytes(2));
  world.receive("aabbc", /*segment_bytes=*/2, /*drops_since=*/5);
  world.receive("d", 0, /*drops_since=*/3);
  world.receive("e", 0, /*drops_since=*/1);
  world.receive("f");

  world.queue.apply_overflow_policy();

  EXPECT_EQ(world.source.inbox_bytes, cost_of_bytes(2));
  EXPECT_EQ(world.socket.stats.dropped_oldest, 4U);
  EXPECT_EQ(world.socket.stats.dropped_newest, 0U);
  const DatagramTrain next = world.queue.take_one();
  EXPECT_EQ(text_of(next.payload.bytes()), "e");
  EXPECT_EQ(next.drops_since, 9U);  // its own, and those of what was dropped before it
  EXPECT_EQ(world.take_one(), "f");
  EXPECT_TRUE(world.queue.empty());
}

/// What a train of so many bytes takes.
constexpr std::size_t cost_of_train(std::size_t bytes) { return bytes + datagram_overhead_bytes; }

TEST(DatagramQueue, OfATrainTooLongKeepsTheOldestThatFit) {
  struct Case {
    std::size_t payload_max;
    std::vector<std::string> kept;
    std::uint32_t segment_bytes;
  };
  // What is left of one datagram is no train any more.
  for (const Case& v :
       {Case{6, {"aa", "bb", "cc"}, 2}, Case{5, {"aa", "bb"}, 2}, Case{4, {"aa", "bb"}, 2},
        Case{3, {"aa"}, 0}, Case{2, {"aa"}, 0}, Case{1, {}, 0}}) {
    SCOPED_TRACE(v.payload_max);
    QueueWorld world(OverflowPolicy::drop_newest, cost_of_train(v.payload_max));
    world.receive("aabbccd", /*segment_bytes=*/2, /*drops_since=*/5);

    world.queue.apply_overflow_policy();

    EXPECT_EQ(world.socket.stats.dropped_newest, 4 - v.kept.size());
    EXPECT_LE(world.source.inbox_bytes, cost_of_train(v.payload_max));
    EXPECT_EQ(world.socket.drops_untold, v.kept.empty() ? 5U : 0U);
    const DatagramBatch batch = world.queue.take_all();
    std::vector<std::string> kept;
    for (const Datagram& datagram : batch) kept.push_back(text_of(datagram.payload()));
    EXPECT_EQ(kept, v.kept);
    if (batch.empty()) continue;
    EXPECT_EQ(batch.trains()[0].segment_bytes, v.segment_bytes);
    EXPECT_EQ(batch.trains()[0].wire_bytes, batch.trains()[0].payload.size());
    EXPECT_EQ(batch.trains()[0].drops_since, 5U);
  }
}

TEST(DatagramQueue, OfATrainTooLongKeepsTheNewestThatFit) {
  struct Case {
    std::size_t payload_max;
    std::vector<std::string> kept;
    std::uint32_t segment_bytes;
  };
  for (const Case& v :
       {Case{6, {"bb", "cc", "d"}, 2}, Case{5, {"bb", "cc", "d"}, 2}, Case{4, {"cc", "d"}, 2},
        Case{3, {"cc", "d"}, 2}, Case{2, {"d"}, 0}, Case{1, {"d"}, 0}}) {
    SCOPED_TRACE(v.payload_max);
    QueueWorld world(OverflowPolicy::drop_oldest, cost_of_train(v.payload_max));
    world.receive("aabbccd", /*segment_bytes=*/2, /*drops_since=*/5);

    world.queue.apply_overflow_policy();

    EXPECT_EQ(world.socket.stats.dropped_oldest, 4 - v.kept.size());
    EXPECT_LE(world.source.inbox_bytes, cost_of_train(v.payload_max));
    const DatagramBatch batch = world.queue.take_all();
    std::vector<std::string> kept;
    for (const Datagram& datagram : batch) kept.push_back(text_of(datagram.payload()));
    EXPECT_EQ(kept, v.kept);
    EXPECT_EQ(batch.trains()[0].segment_bytes, v.segment_bytes);
    EXPECT_EQ(batch.trains()[0].wire_bytes, batch.trains()[0].payload.size());
    EXPECT_EQ(batch.trains()[0].drops_since, 5U);  // the kernel's, from before the first
  }
}

TEST(DatagramQueue, DropsOfSeveralTrainsOnlyWhatDoesNotFit) {
  for (const auto overflow : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    const bool newest = overflow == OverflowPolicy::drop_newest;
    QueueWorld world(overflow, cost_of_train(4) + cost_of_train(2));
    world.receive("aabb", /*segment_bytes=*/2);
    world.receive("ccdd", /*segment_bytes=*/2);
    if (!newest) world.receive("eeff", /*segment_bytes=*/2);

    world.queue.apply_overflow_policy();

    if (newest) {
      EXPECT_EQ(world.socket.stats.dropped_newest, 1U);
      EXPECT_THAT(world.take_all(), ElementsAre("aa", "bb", "cc"));
    } else {
      EXPECT_EQ(world.socket.stats.dropped_oldest, 3U);
      EXPECT_THAT(world.take_all(), ElementsAre("dd", "ee", "ff"));
    }
  }
}

TEST(DatagramQueue, OfATrainThatWasBegunDropsOnlyWhatIsLeft) {
  for (const auto overflow : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    QueueWorld world(overflow, cost_of_train(4));
    world.receive("aabbccdd", /*segment_bytes=*/2, /*drops_since=*/5);
    EXPECT_EQ(world.take_one(), "aa");

    world.queue.apply_overflow_policy();

    EXPECT_EQ(world.source.inbox_bytes, cost_of_train(4));
    EXPECT_EQ(world.socket.stats.dropped_newest + world.socket.stats.dropped_oldest, 1U);
    const bool newest = overflow == OverflowPolicy::drop_newest;
    const DatagramTrain next = world.queue.take_one();
    EXPECT_EQ(text_of(next.payload.bytes()), newest ? "bb" : "cc");
    EXPECT_EQ(next.drops_since, 0U);  // told with the first
    EXPECT_EQ(world.take_one(), newest ? "cc" : "dd");
    EXPECT_TRUE(world.queue.empty());
    EXPECT_EQ(world.source.inbox_bytes, 0U);
    world.receive("eeff", /*segment_bytes=*/2);
    EXPECT_EQ(world.take_one(), "ee");
  }
}

TEST(DatagramQueue, OfATrainThatWasBegunMayDropAllThatIsLeft) {
  QueueWorld world(OverflowPolicy::drop_newest, 1);
  world.receive("aabb", /*segment_bytes=*/2);
  EXPECT_EQ(world.take_one(), "aa");

  world.queue.apply_overflow_policy();

  EXPECT_EQ(world.socket.stats.dropped_newest, 1U);
  EXPECT_TRUE(world.queue.empty());
  EXPECT_EQ(world.source.inbox_bytes, 0U);
  world.receive("ccdd", /*segment_bytes=*/2);
  EXPECT_THAT(world.take_all(), ElementsAre("cc", "dd"));
}

TEST(DatagramQueue, OfATrainThatWasBegunDropsTheRest) {
  QueueWorld world(OverflowPolicy::drop_oldest, cost_of_bytes(1));
  world.receive("aabbcc", /*segment_bytes=*/2, /*drops_since=*/5);
  EXPECT_EQ(world.take_one(), "aa");
  world.receive("d");

  world.queue.apply_overflow_policy();

  EXPECT_EQ(world.socket.stats.dropped_oldest, 2U);
  const DatagramTrain next = world.queue.take_one();
  EXPECT_EQ(text_of(next.payload.bytes()), "d");
  EXPECT_EQ(next.drops_since, 0U);  // the first datagram of the train has told them
}

TEST(DatagramQueue, WhatIsLargerThanTheBoundIsDroppedWhole) {
  for (const auto overflow : {OverflowPolicy::drop_newest, OverflowPolicy::drop_oldest}) {
    QueueWorld world(overflow, 10);
    world.receive("a", 0, /*drops_since=*/2);

    world.queue.apply_overflow_policy();

    EXPECT_TRUE(world.queue.empty());
    EXPECT_EQ(world.source.inbox_bytes, 0U);
    EXPECT_EQ(world.socket.stats.dropped_newest + world.socket.stats.dropped_oldest, 1U);
    EXPECT_EQ(world.socket.drops_untold, 2U);
  }
}

TEST(DatagramQueue, ClearForgetsEverything) {
  QueueWorld world(OverflowPolicy::pause, 1000);
  world.receive("aabb", /*segment_bytes=*/2);
  world.receive("c");
  EXPECT_EQ(world.take_one(), "aa");

  world.queue.clear();

  EXPECT_TRUE(world.queue.empty());
  EXPECT_EQ(world.source.inbox_bytes, 0U);
  world.receive("d");
  EXPECT_THAT(world.take_all(), ElementsAre("d"));
}

}  // namespace
}  // namespace weir::detail
