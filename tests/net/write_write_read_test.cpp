// When a wait for the peer is Nagle's doing, by the times and sizes alone.
#include "net/write_write_read.h"

#include <chrono>
#include <cstddef>
#include <initializer_list>

#include <gtest/gtest.h>

namespace weir::detail {
namespace {

using std::chrono::milliseconds;

/// Ethernet's.
constexpr std::size_t segment_bytes = 1448;

WriteWriteRead after_writes(std::initializer_list<std::size_t> sizes) {
  WriteWriteRead exchange;
  for (const std::size_t bytes : sizes) exchange.note_write(bytes);
  return exchange;
}

/// The kernel sent the last write `after` it was made, and is asked when the answer comes.
SendEvidence sent(milliseconds after, milliseconds wait) {
  return {.segment_bytes_max = segment_bytes,
          .since_last_sent = wait - after,
          .segments_retransmitted = 0};
}

/// A wait of 44 ms in which the kernel held the last write back for 43.
bool is_held(const WriteWriteRead& exchange) {
  constexpr milliseconds wait(44);
  return exchange.is_suspect(wait) && exchange.is_proven(wait, sent(milliseconds(43), wait));
}

TEST(WriteWriteRead, TwoSmallWritesAndAHeldBackAnswerAreTheStall) {
  EXPECT_TRUE(is_held(after_writes({4, 60})));
  EXPECT_TRUE(is_held(after_writes({4, 60, 1, 1, 1})));

  EXPECT_FALSE(is_held(after_writes({})));
  EXPECT_FALSE(is_held(after_writes({64})));
}

TEST(WriteWriteRead, OnlyWaitsThatADelayedAcknowledgementCausesAreSuspect) {
  const WriteWriteRead exchange = after_writes({4, 60});

  EXPECT_FALSE(exchange.is_suspect(milliseconds(-5)));
  EXPECT_FALSE(exchange.is_suspect(milliseconds(29)));
  EXPECT_TRUE(exchange.is_suspect(milliseconds(30)));
  EXPECT_TRUE(exchange.is_suspect(milliseconds(500)));
  EXPECT_FALSE(exchange.is_suspect(milliseconds(501)));
}

TEST(WriteWriteRead, APeerThatIsMerelySlowIsNot) {
  const WriteWriteRead exchange = after_writes({4, 60});
  constexpr milliseconds wait(90);

  EXPECT_FALSE(exchange.is_proven(wait, sent(milliseconds(0), wait)));
  EXPECT_FALSE(exchange.is_proven(wait, sent(milliseconds(29), wait)));
  EXPECT_TRUE(exchange.is_proven(wait, sent(milliseconds(40), wait)));  // and slow as well
}

TEST(WriteWriteRead, EveryWriteIsSmallerThanASegment) {
  EXPECT_TRUE(is_held(after_writes({1440, 4})));
  EXPECT_FALSE(is_held(after_writes({1448, 4})));
  EXPECT_FALSE(is_held(after_writes({4, 1448})));
  EXPECT_FALSE(is_held(after_writes({4, 1448, 4})));
  EXPECT_FALSE(is_held(after_writes({4, std::size_t{1} << 40})));
}

TEST(WriteWriteRead, NoWriteIsSmallerThanTheLargestSegmentByOverflow) {
  const WriteWriteRead exchange = after_writes({4, std::size_t{1} << 16});
  const SendEvidence evidence{
      .segment_bytes_max = 65'535, .since_last_sent = milliseconds(0), .segments_retransmitted = 0};

  EXPECT_FALSE(exchange.is_proven(milliseconds(44), evidence));
}

TEST(WriteWriteRead, AConnectionThatLostSegmentsIsNotJudged) {
  SendEvidence evidence = sent(milliseconds(43), milliseconds(44));
  evidence.segments_retransmitted = 1;

  EXPECT_FALSE(after_writes({4, 60}).is_proven(milliseconds(44), evidence));
}

TEST(WriteWriteRead, AnAnswerEndsTheExchange) {
  WriteWriteRead exchange = after_writes({2000, 4});

  exchange.note_answer();

  exchange.note_write(4);
  EXPECT_FALSE(is_held(exchange));
  exchange.note_write(60);
  EXPECT_TRUE(is_held(exchange));
}

TEST(WriteWriteRead, CountsOnce) {
  WriteWriteRead exchange = after_writes({4, 60});

  exchange.note_counted();

  EXPECT_FALSE(is_held(exchange));
  exchange.note_answer();
  exchange.note_write(4);
  exchange.note_write(60);
  EXPECT_FALSE(is_held(exchange));
}

}  // namespace
}  // namespace weir::detail
