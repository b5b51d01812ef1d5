// What framing costs, each beside a bare loop that does the least possible on the same bytes. The
// loops and ours run in one binary on one slab: compare the columns, not with other machines.
#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "weir/base/allocate.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/length_prefix.h"

namespace weir::protocols {
namespace {

constexpr std::size_t slab_bytes = std::size_t{1} << 16;

// A pool at home on the benchmark's thread.
class HomePool {
 public:
  HomePool() : pool_({.budget_bytes = std::size_t{64} << 20, .slab_bytes = slab_bytes}) {
    pool_.make_current();
  }
  HomePool(const HomePool&) = delete;
  HomePool& operator=(const HomePool&) = delete;
  ~HomePool() { pool_.clear_current(); }

  BufferPool* operator->() { return &pool_; }

 private:
  BufferPool pool_;
};

// Counts what the measured loop did, and fails the run if it did something else.
class Meter {
 public:
  explicit Meter(benchmark::State& state) : state_(state) {}

  void expect_frames(std::size_t found, std::size_t expected) {
    frames_ += found;
    if (found != expected) state_.SkipWithError("not all frames were found");
  }

  void report(std::size_t bytes_per_round) {
    const std::uint64_t allocations = allocation_count() - allocations_before_;
    const auto frames = static_cast<double>(frames_);
    state_.SetBytesProcessed(state_.iterations() * static_cast<std::int64_t>(bytes_per_round));
    state_.SetItemsProcessed(static_cast<std::int64_t>(frames_));
    state_.counters["time/frame"] =
        benchmark::Counter(frames, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state_.counters["allocs/frame"] = static_cast<double>(allocations) / frames;
  }

 private:
  benchmark::State& state_;
  std::uint64_t frames_ = 0;
  std::uint64_t allocations_before_ = allocation_count();
};

struct Wire {
  Buffer bytes;
  std::size_t frames;
};

// A slab full of frames (a block of its own for frames that need more), length u32 big-endian.
Wire length_prefixed(HomePool& pool, std::size_t payload_bytes) {
  const std::size_t frame_bytes = 4 + payload_bytes;
  const std::size_t frames = std::max<std::size_t>(slab_bytes / frame_bytes, 1);
  Wire wire{pool->allocate(frames * frame_bytes).value(), frames};
  std::byte* at = wire.bytes.writable().data();
  for (std::size_t i = 0; i < frames; ++i, at += frame_bytes) {
    std::memset(at, 'x', frame_bytes);
    store_be<std::uint32_t>(at, static_cast<std::uint32_t>(payload_bytes));
  }
  return wire;
}

LengthPrefix length_prefix() {
  return LengthPrefix::create({.frame_bytes_max = std::size_t{1} << 20}).value();
}

// The least there is to do: read the length, see that it fits, go on.
void LengthsBare(benchmark::State& state) {
  HomePool pool;
  const Wire wire = length_prefixed(pool, static_cast<std::size_t>(state.range(0)));
  Meter meter(state);
  for (auto _ : state) {
    const std::byte* at = wire.bytes.data();
    std::size_t rest = wire.bytes.size();
    benchmark::DoNotOptimize(at);
    std::size_t frames = 0;
    while (rest >= 4) {
      const std::size_t length = load_be<std::uint32_t>(at);
      if (length > rest - 4) break;
      benchmark::DoNotOptimize(at + 4);
      at += 4 + length;
      rest -= 4 + length;
      ++frames;
    }
    meter.expect_frames(frames, wire.frames);
  }
  meter.report(wire.bytes.size());
}
BENCHMARK(LengthsBare)->ArgName("payload_bytes")->Arg(64)->Arg(1460)->Arg(64 << 10);

// Question: what does a borrowed frame cost? Expected: at most 3 ns more than the bare loop, flat
// in payload size (a slope means that payload is touched), no allocation.
void LengthPrefixBatch(benchmark::State& state) {
  HomePool pool;
  const Wire wire = length_prefixed(pool, static_cast<std::size_t>(state.range(0)));
  Deframer deframer(length_prefix());
  Meter meter(state);
  for (auto _ : state) {
    Chain inbox(wire.bytes.share());
    std::size_t frames = 0;
    while (!inbox.empty()) {
      auto batch = deframer.batch(inbox);
      for (const FrameView frame : batch) {
        benchmark::DoNotOptimize(frame.data());
        ++frames;
      }
      if (batch.error()) break;
    }
    meter.expect_frames(frames, wire.frames);
  }
  meter.report(wire.bytes.size());
}
BENCHMARK(LengthPrefixBatch)->ArgName("payload_bytes")->Arg(64)->Arg(1460)->Arg(64 << 10);

// Question: what does an owned frame cost? Expected: at most 10 ns, copied (64) or referenced.
void LengthPrefixOwned(benchmark::State& state) {
  HomePool pool;
  const Wire wire = length_prefixed(pool, static_cast<std::size_t>(state.range(0)));
  Deframer deframer(length_prefix());
  Meter meter(state);
  for (auto _ : state) {
    Chain inbox(wire.bytes.share());
    std::size_t frames = 0;
    for (;;) {
      const auto frame = deframer.next(inbox);
      if (!frame || !*frame) break;
      benchmark::DoNotOptimize(**frame);
      ++frames;
    }
    meter.expect_frames(frames, wire.frames);
  }
  meter.report(wire.bytes.size());
}
BENCHMARK(LengthPrefixOwned)->ArgName("payload_bytes")->Arg(64)->Arg(1460)->Arg(64 << 10);

}  // namespace
}  // namespace weir::protocols
