// Cells over this machine's loopback: what is counted, not how long it takes, but for the stall,
// which is forty times longer than anything else here.
#include "tools/weir/bench/nagle/run_cell.h"

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "weir/core/run.h"

namespace weir::tools::bench {
namespace {

using namespace std::chrono_literals;

bool runs_here(WriteMode mode) {
  if (!is_runtime(mode)) return true;
  const Backend backend = mode == WriteMode::flush_epoll ? Backend::epoll : Backend::io_uring;
  return backend_report(backend).has_value();
}

CellResult run(const CellSpec& spec) {
  static const NetworkPath loopback = NetworkPath::loopback();
  // A cell that fails throws here, which fails its test with the reason.
  auto result = run_cell(spec, {.path = loopback, .cpus = {}, .congestion_control = "reno"});
  if (!result) throw std::runtime_error(result.error());
  return *std::move(result);
}

CellSpec exchanges(WriteMode mode, std::uint64_t count) {
  return {.scenario = "N1",
          .name = "4 + 60 B",
          .mode = mode,
          .parts = {4, 60},
          .answer_bytes = 8,
          .duration = 20s,
          .messages_max = count};
}

TEST(RunCell, EachModeMakesItsSegments) {
  for (const WriteMode mode : write_modes) {
    if (!runs_here(mode)) continue;
    SCOPED_TRACE(to_text(mode));
    const bool is_apart = mode == WriteMode::nagle || mode == WriteMode::nodelay;

    const CellResult cell = run(exchanges(mode, 20));

    EXPECT_EQ(cell.sender.messages, 20U);
    EXPECT_EQ(cell.receiver.messages, 20U);
    EXPECT_EQ(cell.sender.first_exchanges.count() + cell.sender.exchanges.count(), 20U);
    // The kernel may still merge two writes that it has not yet sent (tcp_autocorking), and repeats
    // segments when its acknowledgements are late.
    const std::uint64_t segments = cell.sender.segments - cell.sender.retransmitted;
    EXPECT_TRUE(is_apart ? segments > 30 : segments < 30) << segments;
    EXPECT_GE(cell.sender.system_calls, 20U);
  }
}

TEST(RunCell, RecordsTheCongestionControlThatWasInForce) {
  for (const WriteMode mode : {WriteMode::nodelay, WriteMode::flush_io_uring}) {
    if (!runs_here(mode)) continue;
    // The cell's own comes before that of the study, which no kernel has here.
    CellSpec spec = exchanges(mode, 4);
    spec.congestion_control = "reno";
    static const NetworkPath loopback = NetworkPath::loopback();

    const auto own = run_cell(spec, {.path = loopback, .cpus = {}, .congestion_control = "none"});
    const CellResult usual = run(exchanges(mode, 4));

    ASSERT_TRUE(own.has_value()) << own.error();
    EXPECT_EQ(own->sender.congestion_control, "reno");
    EXPECT_EQ(usual.sender.congestion_control, "reno");
  }
}

TEST(RunCell, OnlyNagleStalls) {
  const CellResult nagle = run(exchanges(WriteMode::nagle, 12));
  const CellResult quick = [] {
    CellSpec spec = exchanges(WriteMode::nagle, 12);
    spec.acks = AckMode::quick;
    return run(spec);
  }();

  EXPECT_GE(nagle.sender.stalls, 8U);
  EXPECT_LT(quick.sender.stalls, nagle.sender.stalls);
}

TEST(RunCell, TheEndOfTheStreamReleasesWhatNagleHolds) {
  CellSpec open = exchanges(WriteMode::nagle, 7);
  open.exchanges_apart = 6;
  CellSpec ended = open;
  ended.end = StreamEnd::with_last_message;

  const CellResult held = run(open);
  const CellResult released = run(ended);

  ASSERT_EQ(held.sender.exchanges.count(), 1U);
  ASSERT_EQ(released.sender.exchanges.count(), 1U);
  EXPECT_GE(released.sender.first_exchanges.max(), 30'000'000U);  // it was in that mode by then
  EXPECT_LT(released.sender.exchanges.max(), held.sender.exchanges.max());
}

TEST(RunCell, EveryMessageOfAFloodArrivesWithItsAge) {
  for (const WriteMode mode :
       {WriteMode::nagle, WriteMode::nodelay, WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    if (!runs_here(mode)) continue;
    SCOPED_TRACE(to_text(mode));
    CellSpec spec = exchanges(mode, 5'000);
    spec.parts = {100};
    spec.answer_bytes = 0;

    const CellResult cell = run(spec);

    EXPECT_EQ(cell.receiver.messages, 5'000U);
    EXPECT_EQ(cell.receiver.ages.count(), 5'000U);
    EXPECT_TRUE(cell.sender.exchanges.empty());
  }
}

TEST(RunCell, PacedMessagesKeepTheirTimes) {
  for (const WriteMode mode : {WriteMode::nodelay, WriteMode::flush_epoll}) {
    SCOPED_TRACE(to_text(mode));
    CellSpec spec = exchanges(mode, 50);
    spec.parts = {64};
    spec.answer_bytes = 0;
    spec.interval = 1ms;

    const CellResult cell = run(spec);

    EXPECT_EQ(cell.receiver.messages, 50U);
    EXPECT_GE(cell.sender.elapsed, 49ms);
  }
}

TEST(RunCell, TheMessagesOfABurstAreDueTogether) {
  for (const WriteMode mode : {WriteMode::nodelay, WriteMode::flush_epoll}) {
    SCOPED_TRACE(to_text(mode));
    CellSpec spec = exchanges(mode, 40);
    spec.parts = {64};
    spec.answer_bytes = 0;
    spec.interval = 5ms;
    spec.burst = 8;

    const CellResult cell = run(spec);

    EXPECT_EQ(cell.receiver.messages, 40U);
    EXPECT_GE(cell.sender.elapsed, 20ms);  // four intervals between five bursts
    EXPECT_LT(cell.sender.elapsed, 190ms);
  }
}

TEST(RunCell, WhatThePacerSpinsIsNoCostOfTheMessages) {
  CellSpec spec = exchanges(WriteMode::nodelay, 40);
  spec.parts = {64};
  spec.answer_bytes = 0;
  spec.interval = 5ms;  // a thread that wakes up late is still in time

  const CellResult cell = run(spec);

  // More is not the same everywhere: what a clock, a write or a lost processor takes differs.
  EXPECT_GE(cell.sender.cpu, 0ns);
  EXPECT_LT(cell.sender.cpu, cell.sender.elapsed);
  EXPECT_GT(cell.sender.system_calls, cell.sender.messages);  // the writes and the sleeps
}

TEST(RunCell, ABatchGathersMessagesUntilItIsFull) {
  CellSpec spec = exchanges(WriteMode::batch, 100);
  spec.parts = {64};
  spec.answer_bytes = 0;
  spec.batch_bytes = 640;
  spec.batch_delay = 20s;

  const CellResult cell = run(spec);

  EXPECT_EQ(cell.receiver.messages, 100U);
  EXPECT_EQ(cell.receiver.ages.count(), 100U);
  EXPECT_EQ(cell.sender.system_calls, 11U);  // one option, ten batches
  EXPECT_LE(cell.sender.segments - cell.sender.retransmitted, 10U);
}

TEST(RunCell, ABatchWaitsNoLongerThanItsDelay) {
  CellSpec spec = exchanges(WriteMode::batch, 3);
  spec.parts = {64};
  spec.answer_bytes = 0;
  spec.interval = 10ms;
  spec.batch_bytes = 6400;
  spec.batch_delay = 1ms;

  const CellResult cell = run(spec);

  EXPECT_EQ(cell.sender.segments - cell.sender.retransmitted, 3U);
  EXPECT_GE(cell.receiver.ages.max(), 1'000'000U);
}

TEST(RunCell, BulkBetweenMessagesHasNoAge) {
  CellSpec spec = exchanges(WriteMode::nodelay, 5);
  spec.parts = {64};
  spec.answer_bytes = 0;
  spec.interval = 1ms;
  spec.bulk_bytes = 640;

  const CellResult cell = run(spec);

  EXPECT_EQ(cell.receiver.ages.count(), 5U);
  EXPECT_GT(cell.receiver.messages, 5U);
}

TEST(RunCell, AgesAmidBulkCountOnceItHasSettled) {
  CellSpec spec = exchanges(WriteMode::nodelay, 5);
  spec.parts = {64};
  spec.answer_bytes = 0;
  spec.interval = 1ms;
  spec.bulk_bytes = 640;
  spec.settling = 2ms;

  EXPECT_EQ(run(spec).receiver.ages.count(), 3U);
}

TEST(RunCell, AsManyRequestsAreUnderWayAsItsDepth) {
  CellSpec spec = exchanges(WriteMode::nodelay, 640);
  spec.parts = {64};
  spec.depth = 64;

  const CellResult cell = run(spec);

  EXPECT_EQ(cell.sender.messages, 640U);
  EXPECT_EQ(cell.sender.first_exchanges.count() + cell.sender.exchanges.count(), 640U);
}

TEST(RunCell, SaysWhichEndFailed) {
  static const NetworkPath loopback = NetworkPath::loopback();

  const auto result = run_cell(exchanges(WriteMode::nagle, 1),
                               {.path = loopback, .cpus = {}, .congestion_control = "no such"});

  ASSERT_FALSE(result);
  EXPECT_NE(result.error().find("receiver: No such file"), std::string::npos) << result.error();
}

}  // namespace
}  // namespace weir::tools::bench
