// What a request of the load generator costs, made and its echo checked: this is all that it does
// for a request besides I/O and bookkeeping, and it is added to each time it measures.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>

#include "tools/weir/load/message/dialogue.h"
#include "tools/weir/load/message/payload.h"
#include "tools/weir/load/message/template_parser.h"
#include "weir/base/allocate.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/chain.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t piece_bytes_max = std::size_t{64} << 10;

// A pool at home on the benchmark's thread.
class HomePool {
 public:
  HomePool() { pool_.make_current(); }
  HomePool(const HomePool&) = delete;
  HomePool& operator=(const HomePool&) = delete;
  ~HomePool() { pool_.clear_current(); }

  BufferPool* operator->() { return &pool_; }

 private:
  BufferPool pool_;
};

/// Counts requests and what was allocated for them.
class RequestMeter {
 public:
  explicit RequestMeter(benchmark::State& state) : state_(state) {}

  void report(std::size_t request_bytes) {
    const auto requests = static_cast<double>(state_.iterations() * state_.range(0));
    const std::uint64_t allocations = allocation_count() - allocations_before_;
    state_.SetBytesProcessed(static_cast<std::int64_t>(requests) *
                             static_cast<std::int64_t>(request_bytes));
    state_.counters["time/request"] =
        benchmark::Counter(requests, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state_.counters["allocs/request"] = static_cast<double>(allocations) / requests;
  }

 private:
  benchmark::State& state_;
  std::uint64_t allocations_before_ = allocation_count();
};

// Question: what does the least cost that makes `depth` messages of one size and compares them? A
// loop without framing, sizes and a queue of what is unanswered.
void PayloadEcho(benchmark::State& state) {
  HomePool pool;
  const auto depth = static_cast<std::uint64_t>(state.range(0));
  const auto message_bytes = static_cast<std::size_t>(state.range(1));
  std::uint64_t number = 0;
  RequestMeter meter(state);
  for (auto _ : state) {
    Buffer piece = pool->allocate(depth * message_bytes).value();
    bool is_right = true;
    for (std::uint64_t i = 0; i < depth; ++i) {
      const std::span<std::byte> bytes = piece.writable().subspan(i * message_bytes, message_bytes);
      fill_payload({.connection = 1, .sequence = number}, 0, bytes);
      is_right =
          is_right && !find_payload_mismatch({.connection = 1, .sequence = number}, 0, bytes);
      ++number;
    }
    if (!is_right) {
      state.SkipWithError("wrong echo");
      break;
    }
  }
  meter.report(message_bytes);
}
BENCHMARK(PayloadEcho)->ArgNames({"depth", "message_bytes"})->ArgsProduct({{1, 32}, {64, 1024}});

void echo(benchmark::State& state, const MessageOptions& options) {
  HomePool pool;
  const auto depth = static_cast<std::uint64_t>(state.range(0));
  const std::unique_ptr<Dialogue> dialogue = make_dialogue(options, 1, 1);
  std::uint64_t number = 0;
  std::size_t wire_bytes = 0;
  RequestMeter meter(state);
  for (auto _ : state) {
    Chain wire;
    for (std::uint64_t i = 0; i < depth; ++i) {
      wire_bytes = dialogue->append_request({.number = number++}, wire);
    }
    if (dialogue->take(wire) != depth) {
      state.SkipWithError("wrong echo");
      break;
    }
  }
  meter.report(wire_bytes);
}

// Question: what does the same cost as a dialogue, a request at a time? Expected: a call more.
void RawEchoDialogue(benchmark::State& state) {
  echo(state, {.size = SizeModel::fixed(static_cast<std::size_t>(state.range(1)))});
}
BENCHMARK(RawEchoDialogue)
    ->ArgNames({"depth", "message_bytes"})
    ->ArgsProduct({{1, 32}, {64, 1024, 65536}});

// Question: what do a size, a framing and a pattern of its own add?
void DrawnSizes(benchmark::State& state) { echo(state, {.size = SizeModel::exponential(64)}); }
BENCHMARK(DrawnSizes)->ArgName("depth")->Arg(1)->Arg(32);

void FramedEcho(benchmark::State& state, WireCodec codec) {
  echo(state, {.codec = {.wire = codec}, .size = SizeModel::fixed(64)});
}
BENCHMARK_CAPTURE(FramedEcho, len32, WireCodec::len32)->ArgName("depth")->Arg(1)->Arg(32);
BENCHMARK_CAPTURE(FramedEcho, varint, WireCodec::varint)->ArgName("depth")->Arg(1)->Arg(32);
BENCHMARK_CAPTURE(FramedEcho, line, WireCodec::line)->ArgName("depth")->Arg(1)->Arg(32);
BENCHMARK_CAPTURE(FramedEcho, json_header, WireCodec::json_header)
    ->ArgName("depth")
    ->Arg(1)
    ->Arg(32);

void PatternEcho(benchmark::State& state, std::string_view pattern) {
  MessageOptions options{.codec = {.wire = WireCodec::len32}};
  options.pattern = parse_payload_template(pattern).value();
  echo(state, options);
}
BENCHMARK_CAPTURE(PatternEcho, numbers, "get key{int:1-1000000} {seq} ")
    ->ArgName("depth")
    ->Arg(1)
    ->Arg(32);
BENCHMARK_CAPTURE(PatternEcho, text, "{rand:64}")->ArgName("depth")->Arg(1)->Arg(32);

void PatternFound(benchmark::State& state) {
  MessageOptions options{.codec = {.wire = WireCodec::line}, .size = SizeModel::fixed(64)};
  options.expectation = parse_expectation("regex:^[0-o]+$").value();
  echo(state, options);
}
BENCHMARK(PatternFound)->ArgName("depth")->Arg(1);

}  // namespace
}  // namespace weir::tools::load
