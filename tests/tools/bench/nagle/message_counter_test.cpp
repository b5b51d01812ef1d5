#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tools/weir/bench/nagle/receiver.h"
#include "weir/base/bytes.h"

namespace weir::tools::bench {
namespace {

TEST(MessageCounter, CountsWhatStuckTogetherAndWhatWasCut) {
  struct Vector {
    const char* name;
    std::vector<std::size_t> reads;  ///< bytes of each; messages have 10
    std::uint64_t messages, merged, cut;
  };
  for (const Vector& v : {
           Vector{"one a read", {10, 10, 10}, 3, 0, 0},
           Vector{"two in one", {20, 10}, 3, 1, 0},
           Vector{"one in two", {4, 6}, 1, 0, 1},
           Vector{"one in three", {1, 1, 8}, 1, 0, 1},
           Vector{"one and a half, then the rest", {15, 5}, 2, 1, 1},
           Vector{"the end of one and the beginning of the next", {5, 10, 5}, 2, 1, 2},
           Vector{"all at once", {50}, 5, 1, 0},
           Vector{"the second half and one more whole", {5, 15}, 2, 1, 1},
       }) {
    SCOPED_TRACE(v.name);
    MessageCounter counter(10, false);

    std::uint64_t ended = 0;
    for (const std::size_t bytes : v.reads) {
      ended += counter.take(as_bytes(std::string(bytes, 'x')), 0);
    }

    EXPECT_EQ(ended, v.messages);
    EXPECT_EQ(counter.counts().messages, v.messages);
    EXPECT_EQ(counter.counts().reads, v.reads.size());
    EXPECT_EQ(counter.counts().merged_reads, v.merged);
    EXPECT_EQ(counter.counts().cut_messages, v.cut);
    EXPECT_FALSE(counter.is_inside());
  }
}

TEST(MessageCounter, KnowsThatAMessageIsNotWhole) {
  MessageCounter counter(10, false);

  EXPECT_EQ(counter.take(as_bytes("1234567890123"), 0), 1U);

  EXPECT_TRUE(counter.is_inside());
}

TEST(MessageCounter, AgesCountFromTheStampHoweverItIsCut) {
  const std::int64_t due = 1'000;
  std::string message(12, 'x');
  std::memcpy(message.data(), &due, sizeof due);
  for (std::size_t cut = 0; cut <= message.size(); ++cut) {
    MessageCounter counter(message.size(), true);

    if (cut > 0) counter.take(as_bytes(message.substr(0, cut)), 1'200);
    if (cut < message.size()) counter.take(as_bytes(message.substr(cut)), 1'500);

    EXPECT_EQ(counter.counts().ages.count(), 1U) << cut;
    EXPECT_EQ(counter.counts().ages.max(), cut == message.size() ? 200U : 500U) << cut;
  }
}

TEST(MessageCounter, AMessageWithoutAStampHasNoAge) {
  MessageCounter counter(12, true);

  counter.take(as_bytes(std::string(24, '\0')), 1'000);

  EXPECT_EQ(counter.counts().messages, 2U);
  EXPECT_TRUE(counter.counts().ages.empty());
}

}  // namespace
}  // namespace weir::tools::bench
