#include "tools/weir/serve/stream_census.h"

#include <array>
#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

using protocols::DatagramHeader;

const InternetAddress peer(Address::loopback(1000));
const InternetAddress other_peer(Address::loopback(1001));

void receive(StreamCensus& census, const InternetAddress& from, std::uint32_t stream_id,
             std::uint64_t sequence) {
  const DatagramHeader header{.stream_id = stream_id, .sequence = sequence};
  census.receive(from, header.encoded(), std::chrono::nanoseconds(0));
}

TEST(StreamCensus, FollowsTheStreamsOfEachPeerApart) {
  StreamCensus census;
  for (const std::uint64_t sequence : {0UL, 1UL, 5UL, 4UL, 4UL}) receive(census, peer, 7, sequence);
  for (const std::uint64_t sequence : {0UL, 1UL}) receive(census, peer, 8, sequence);
  for (const std::uint64_t sequence : {2UL, 3UL, 4UL}) receive(census, other_peer, 7, sequence);

  const StreamTotals totals = census.finish();

  EXPECT_EQ(totals.streams, 3U);
  EXPECT_EQ(totals.counts.received, 10U);
  EXPECT_EQ(totals.counts.unique, 9U);
  EXPECT_EQ(totals.counts.lost, 2U);
  EXPECT_EQ(totals.counts.duplicates, 1U);
  EXPECT_EQ(totals.counts.reordered, 1U);
  EXPECT_EQ(totals.to_text(),
            "3 streams, 9 of 11 numbers arrived, 2 lost in 1 bursts (longest 2), 1 duplicates, 1 "
            "reordered (by up to 1), 0 late, 0 implausible");
}

TEST(StreamCensus, FindsAStreamAgainAfterDatagramsOfOthers) {
  StreamCensus census;
  for (std::uint64_t sequence = 0; sequence < 100; ++sequence) {
    for (std::uint32_t stream_id = 0; stream_id < 10; ++stream_id) {
      receive(census, peer, stream_id, sequence);
    }
  }

  const StreamTotals totals = census.finish();

  EXPECT_EQ(totals.streams, 10U);
  EXPECT_EQ(totals.counts.unique, 1000U);
  EXPECT_EQ(totals.counts.reordered, 0U);
}

TEST(StreamCensus, IgnoresWhatIsNotNumbered) {
  StreamCensus census;

  census.receive(peer, {}, std::chrono::nanoseconds(0));
  census.receive(peer, std::array<std::byte, 100>(), std::chrono::nanoseconds(0));

  EXPECT_EQ(census.finish().streams, 0U);
}

TEST(StreamCensus, IsBoundedAndSaysHowMuchItLeavesOut) {
  StreamCensus census;
  constexpr std::uint32_t too_many = StreamCensus::streams_max + 3;
  for (std::uint32_t stream_id = 0; stream_id < too_many; ++stream_id) {
    receive(census, peer, stream_id, 0);
  }
  receive(census, peer, 0, 1);

  StreamTotals totals = census.finish();

  EXPECT_EQ(totals.streams, StreamCensus::streams_max);
  EXPECT_EQ(totals.datagrams_beyond, 3U);
  EXPECT_EQ(totals.counts.unique, StreamCensus::streams_max + 1);
  EXPECT_TRUE(totals.to_text().ends_with(", 3 datagrams of streams beyond the first 1024 a shard"))
      << totals.to_text();
  totals += totals;
  EXPECT_EQ(totals.datagrams_beyond, 6U);
}

}  // namespace
}  // namespace weir::tools::serve
