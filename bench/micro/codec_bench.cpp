// What framing costs, each beside a bare loop that does the least possible on the same bytes. The
// loops and ours run in one binary on one slab: compare the columns, not with other machines.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "weir/base/allocate.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/protocols/cobs.h"
#include "weir/protocols/crc32c.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/delimiter.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"

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

// Walks over the lengths, and gives where each payload begins and its length to `take`.
template <typename Take>
void walk_lengths(benchmark::State& state, const Wire& wire, const Take& take) {
  Meter meter(state);
  for (auto _ : state) {
    const std::byte* at = wire.bytes.data();
    std::size_t rest = wire.bytes.size();
    benchmark::DoNotOptimize(at);
    std::size_t frames = 0;
    while (rest >= 4) {
      const std::size_t length = load_be<std::uint32_t>(at);
      if (length > rest - 4) break;
      take(at + 4, length);
      at += 4 + length;
      rest -= 4 + length;
      ++frames;
    }
    meter.expect_frames(frames, wire.frames);
  }
  meter.report(wire.bytes.size());
}

// Takes the frames of `wire` borrowed, a batch after the other.
template <Codec C>
void take_batches(benchmark::State& state, const Wire& wire, C codec) {
  Deframer deframer(std::move(codec));
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

// The least there is to do: read the length, see that it fits, go on.
void LengthsBare(benchmark::State& state) {
  HomePool pool;
  const Wire wire = length_prefixed(pool, static_cast<std::size_t>(state.range(0)));
  walk_lengths(state, wire, [](const std::byte* payload, std::size_t /*length*/) {
    benchmark::DoNotOptimize(payload);
  });
}
BENCHMARK(LengthsBare)->ArgName("payload_bytes")->Arg(64)->Arg(1460)->Arg(64 << 10);

// The least there is to do to own frames: the same, and for each a copy into the pool or a
// reference, in a chain that is returned as `next` does, and its end. No inbox is kept.
void OwnedBare(benchmark::State& state) {
  HomePool pool;
  const Wire wire = length_prefixed(pool, static_cast<std::size_t>(state.range(0)));
  walk_lengths(state, wire, [&](const std::byte* payload, std::size_t length) {
    const Result<std::optional<Chain>> frame(std::in_place, std::in_place,
                                             FrameView(payload, length, &wire.bytes).try_retain());
    benchmark::DoNotOptimize(**frame);
  });
}
BENCHMARK(OwnedBare)->ArgName("payload_bytes")->Arg(64)->Arg(1460);

// Question: what does a borrowed frame cost? Expected: at most 3 ns more than the bare loop, flat
// in payload size (a slope means that payload is touched), no allocation.
void LengthPrefixBatch(benchmark::State& state) {
  HomePool pool;
  take_batches(state, length_prefixed(pool, static_cast<std::size_t>(state.range(0))),
               length_prefix());
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

// Lines of 80 bytes, the end included.
Wire lines(HomePool& pool) {
  constexpr std::size_t line_bytes = 80;
  const std::size_t count = slab_bytes / line_bytes;
  Wire wire{pool->allocate(count * line_bytes).value(), count};
  std::memset(wire.bytes.writable().data(), 'x', wire.bytes.size());
  for (std::size_t i = 1; i <= count; ++i) {
    wire.bytes.writable()[i * line_bytes - 1] = std::byte{'\n'};
  }
  return wire;
}

// The least there is to do for lines.
void LinesBare(benchmark::State& state) {
  HomePool pool;
  const Wire wire = lines(pool);
  Meter meter(state);
  for (auto _ : state) {
    const std::byte* at = wire.bytes.data();
    std::size_t rest = wire.bytes.size();
    benchmark::DoNotOptimize(at);
    std::size_t frames = 0;
    while (const void* const found = std::memchr(at, '\n', rest)) {
      benchmark::DoNotOptimize(found);
      const auto* const next = static_cast<const std::byte*>(found) + 1;
      rest -= static_cast<std::size_t>(next - at);
      at = next;
      ++frames;
    }
    meter.expect_frames(frames, wire.frames);
  }
  meter.report(wire.bytes.size());
}
BENCHMARK(LinesBare);

// Question: what does a borrowed line cost? Expected: at least 0.8 of memchr's bytes a second.
void LineBatch(benchmark::State& state) {
  HomePool pool;
  take_batches(state, lines(pool), Line::create({.line_bytes_max = 1024}).value());
}
BENCHMARK(LineBatch);

// The least there is to do to send: a length and a payload into memory that is there.
void EncodeBare(benchmark::State& state) {
  HomePool pool;
  Buffer target = pool->allocate(slab_bytes).value();
  const std::string payload(64, 'x');
  constexpr std::size_t frames = slab_bytes / 68;
  Meter meter(state);
  for (auto _ : state) {
    std::byte* at = target.writable().data();
    for (std::size_t i = 0; i < frames; ++i, at += 68) {
      benchmark::DoNotOptimize(at);
      store_be<std::uint32_t>(at, 64);
      std::memcpy(at + 4, payload.data(), 64);
    }
    meter.expect_frames(frames, frames);
  }
  meter.report(frames * 68);
}
BENCHMARK(EncodeBare);

// Question: what does it cost to put a small frame into an out-queue? Expected: at most 10 ns, and
// that all of them are one buffer: one entry of one system call.
void LengthPrefixEncode(benchmark::State& state) {
  HomePool pool;
  const std::string payload(64, 'x');
  const LengthPrefix codec = length_prefix();
  constexpr std::size_t frames = slab_bytes / 68;
  Meter meter(state);
  for (auto _ : state) {
    Chain queue;
    std::size_t encoded = 0;
    for (std::size_t i = 0; i < frames; ++i) {
      encoded += codec.encode(as_bytes(payload), queue).has_value() ? 1 : 0;
    }
    if (queue.buffer_count() != 1) state.SkipWithError("the frames are not one piece of memory");
    meter.expect_frames(encoded, frames);
  }
  meter.report(frames * 68);
}
BENCHMARK(LengthPrefixEncode);

// The least there is to do for a drip: a chain of one-byte buffers, which nobody decodes.
void DripBare(benchmark::State& state) {
  HomePool pool;
  const auto bytes = static_cast<std::size_t>(state.range(0));
  const Buffer two = pool->copy(as_bytes("xx")).value();
  Meter meter(state);
  for (auto _ : state) {
    Chain inbox;
    for (std::size_t i = 0; i < bytes; ++i) inbox.append(two.slice(0, 1));
    benchmark::DoNotOptimize(inbox);
    meter.expect_frames(1, 1);
  }
  meter.report(bytes);
}
BENCHMARK(DripBare)->ArgName("bytes")->Arg(1 << 20)->Arg(2 << 20)->Unit(benchmark::kMillisecond);

// Question: is a large frame that arrives byte by byte linear? Expected: the time doubles with the
// size. Each byte is a buffer of its own, the worst there is.
template <typename MakeCodec>
void drip(benchmark::State& state, const MakeCodec& make, const std::string& header,
          const std::string& trailer) {
  HomePool pool;
  const auto payload_bytes = static_cast<std::size_t>(state.range(0));
  const Buffer two = pool->copy(as_bytes("xx")).value();
  Meter meter(state);
  for (auto _ : state) {
    auto codec = make();
    Chain inbox;
    if (!header.empty()) inbox.append(pool->copy(as_bytes(header)).value());
    std::size_t frames = 0;
    for (std::size_t i = 0; i < payload_bytes; ++i) {
      inbox.append(two.slice(0, 1));  // the same byte each time, so that nothing merges
      frames += codec.decode(inbox)->has_value() ? 1 : 0;
    }
    if (!trailer.empty()) {
      inbox.append(Buffer::copy_of(as_bytes(trailer)));
      frames += codec.decode(inbox)->has_value() ? 1 : 0;
    }
    meter.expect_frames(frames, 1);
  }
  meter.report(payload_bytes);
}

void LengthPrefixDrip(benchmark::State& state) {
  const auto size = static_cast<std::uint32_t>(state.range(0));
  std::string header(4, '\0');
  for (std::size_t i = 0; i < 4; ++i) header[i] = static_cast<char>(size >> (24 - 8 * i));
  drip(state, [] { return LengthPrefix::create({.frame_bytes_max = 8u << 20}).value(); }, header,
       {});
}
BENCHMARK(LengthPrefixDrip)
    ->ArgName("bytes")
    ->Arg(1 << 20)
    ->Arg(2 << 20)
    ->Unit(benchmark::kMillisecond);

void DelimiterDrip(benchmark::State& state) {
  drip(
      state,
      [] {
        return Delimiter::create({.delimiters = {"\r\n\r\n"}, .frame_bytes_max = 8u << 20}).value();
      },
      {}, "\r\n\r\n");
}
BENCHMARK(DelimiterDrip)
    ->ArgName("bytes")
    ->Arg(1 << 20)
    ->Arg(2 << 20)
    ->Unit(benchmark::kMillisecond);

// Question: what does the checksum cost? Expected: the instruction is several times the tables.
void Crc32c(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(as_bytes(text)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Crc32c)->ArgName("bytes")->Arg(64)->Arg(1460)->Arg(64 << 10);

void Crc32cPortable(benchmark::State& state) {
  const std::string text(static_cast<std::size_t>(state.range(0)), 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c_portable(as_bytes(text)));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Crc32cPortable)->ArgName("bytes")->Arg(64 << 10);

// Question: what does unstuffing cost, on bytes of all values?
void CobsDecode(benchmark::State& state) {
  HomePool pool;
  std::string payload(static_cast<std::size_t>(state.range(0)), '\0');
  for (std::size_t i = 0; i < payload.size(); ++i) payload[i] = static_cast<char>(i * 167 + i / 7);
  auto codec = Cobs::create({.payload_bytes_max = 1 << 16}).value();
  Chain wire;
  static_cast<void>(codec.encode(Chain(Buffer::copy_of(as_bytes(payload))), wire));
  Meter meter(state);
  for (auto _ : state) {
    Chain inbox = wire.share();
    const auto frame = codec.decode(inbox);
    meter.expect_frames(frame && *frame && (**frame).size() == payload.size() ? 1 : 0, 1);
  }
  meter.report(payload.size());
}
BENCHMARK(CobsDecode)->ArgName("payload_bytes")->Arg(64)->Arg(1460);

}  // namespace
}  // namespace weir::protocols
