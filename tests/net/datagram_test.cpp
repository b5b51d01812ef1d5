// Batches as a range of datagrams, however the kernel joined them.
#include "weir/net/datagram.h"

#include <cstddef>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/bytes.h"

namespace weir {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

static_assert(std::input_iterator<DatagramIterator>);

DatagramTrain train_of(std::string_view text, std::uint32_t segment_bytes = 0) {
  DatagramTrain train;
  if (!text.empty()) train.payload = Buffer::copy_of(as_bytes(text));
  train.wire_bytes = static_cast<std::uint32_t>(text.size());
  train.segment_bytes = segment_bytes;
  return train;
}

template <typename... Trains>
DatagramBatch batch_of(Trains... trains) {
  std::vector<DatagramTrain> list;
  (list.push_back(std::move(trains)), ...);
  return DatagramBatch(std::move(list));
}

std::string text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

std::vector<std::string> texts_of(const DatagramBatch& batch) {
  std::vector<std::string> texts;
  for (const Datagram& datagram : batch) texts.push_back(text_of(datagram.payload()));
  return texts;
}

TEST(DatagramBatch, AnEmptyOneYieldsNothing) {
  const DatagramBatch batch;

  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.datagram_count(), 0U);
  EXPECT_THAT(texts_of(batch), IsEmpty());
}

TEST(DatagramBatch, YieldsEveryDatagramOfEveryTrain) {
  struct Vector {
    const char* text;
    std::uint32_t segment_bytes;
    std::vector<std::string> datagrams;
  };
  const std::vector<Vector> vectors{
      {"", 0, {""}},
      {"", 2, {""}},
      {"alone", 0, {"alone"}},
      {"aabbcc", 2, {"aa", "bb", "cc"}},
      {"aabbc", 2, {"aa", "bb", "c"}},
      {"abc", 1, {"a", "b", "c"}},
      {"ab", 2, {"ab"}},
      {"ab", 3, {"ab"}},
  };
  std::vector<DatagramTrain> trains;
  std::vector<std::string> expected;
  for (const Vector& v : vectors) {
    const DatagramBatch batch = batch_of(train_of(v.text, v.segment_bytes));
    EXPECT_EQ(texts_of(batch), v.datagrams) << v.text << " by " << v.segment_bytes;
    EXPECT_EQ(batch.datagram_count(), v.datagrams.size());
    trains.push_back(train_of(v.text, v.segment_bytes));
    expected.insert(expected.end(), v.datagrams.begin(), v.datagrams.end());
  }

  const DatagramBatch all(std::move(trains));

  EXPECT_EQ(texts_of(all), expected);
  EXPECT_EQ(all.datagram_count(), expected.size());
}

TEST(DatagramBatch, EmptyDatagramsBetweenOthersAreYielded) {
  const DatagramBatch batch = batch_of(train_of(""), train_of("aab", 2), train_of(""), train_of(""),
                                       train_of("x"), train_of(""));

  EXPECT_THAT(texts_of(batch), ElementsAre("", "aa", "b", "", "", "x", ""));
}

TEST(DatagramBatch, DropsAreOfTheFirstOfATrainAndTheRestOfAll) {
  DatagramTrain train = train_of("aabbc", 2);
  train.drops_since = 7;
  train.traffic_class = 0x2b;
  train.hop_limit = 9;
  train.peer = Address::loopback(99);
  train.interface_index = 3;
  const DatagramBatch batch = batch_of(std::move(train));

  std::vector<std::uint32_t> drops;
  std::vector<std::size_t> wire_bytes;
  for (const Datagram& datagram : batch) {
    drops.push_back(datagram.drops_since());
    wire_bytes.push_back(datagram.wire_bytes());
    EXPECT_EQ(datagram.ecn(), Ecn::congested);
    EXPECT_EQ(datagram.hop_limit(), 9);
    EXPECT_EQ(datagram.peer().port(), 99);
    EXPECT_EQ(datagram.interface_index(), 3U);
  }

  EXPECT_THAT(drops, ElementsAre(7, 0, 0));
  EXPECT_THAT(wire_bytes, ElementsAre(2U, 2U, 1U));
}

TEST(DatagramBatch, ASharedPayloadOutlivesIt) {
  Buffer shared;
  {
    const DatagramBatch batch = batch_of(train_of("aabb", 2));
    DatagramIterator second = batch.begin();
    ++second;
    shared = (*second).share();
  }

  EXPECT_EQ(text_of(shared.bytes()), "bb");
}

TEST(DatagramBatch, MovesAndUsesItsMemoryAgain) {
  while (DatagramBatch::recycled().capacity() != 0) continue;  // of other tests
  DatagramBatch first = batch_of(train_of("a"), train_of("b"));
  DatagramBatch second = std::move(first);
  EXPECT_EQ(second.datagram_count(), 2U);

  const DatagramTrain* const memory = second.trains().data();
  {
    const DatagramBatch gone = std::move(second);
  }
  std::vector<DatagramTrain> recycled = DatagramBatch::recycled();

  EXPECT_TRUE(recycled.empty());
  EXPECT_EQ(recycled.data(), memory);
}

}  // namespace
}  // namespace weir
