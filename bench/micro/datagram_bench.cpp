// What a datagram costs before anything is done with it: its header, and the accounting.
#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "weir/protocols/datagram_header.h"
#include "weir/protocols/datagram_sequence.h"

namespace weir::protocols {
namespace {

constexpr std::uint64_t train_datagrams = 4096;  // what one round of a loop takes

void report(benchmark::State& state) {
  const std::int64_t datagrams = state.iterations() * static_cast<std::int64_t>(train_datagrams);
  state.SetItemsProcessed(datagrams);
  state.counters["time/datagram"] = benchmark::Counter(
      static_cast<double>(datagrams), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

// One round after the other of numbers, with times that vary a little.
class Train {
 public:
  explicit Train(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}

  void arrive_at(DatagramSequence& sequence) {
    for (const std::uint64_t number : numbers_) {
      const auto sent = std::chrono::nanoseconds(1000 * (base_ + number));
      sequence.receive({.sequence = base_ + number, .send_time = sent},
                       sent + std::chrono::nanoseconds(20'000 + number * 167 % 512));
    }
    base_ += train_datagrams;
  }

 private:
  std::vector<std::uint64_t> numbers_;
  std::uint64_t base_ = 0;
};

std::vector<std::uint64_t> in_order() {
  std::vector<std::uint64_t> numbers(train_datagrams);
  for (std::uint64_t i = 0; i < train_datagrams; ++i) numbers[i] = i;
  return numbers;
}

void account(benchmark::State& state, std::vector<std::uint64_t> numbers, std::uint32_t window,
             std::uint64_t lost, std::uint64_t reordered) {
  auto sequence =
      DatagramSequence::create({.window_datagrams = window, .first_sequence = 0}).value();
  Train train(std::move(numbers));
  for (auto _ : state) {
    train.arrive_at(sequence);
    benchmark::ClobberMemory();
  }
  report(state);
  const DatagramCounts counts = sequence.counts();
  const auto rounds = static_cast<std::uint64_t>(state.iterations());
  if (counts.lost + counts.pending != rounds * lost || counts.reordered != rounds * reordered) {
    state.SkipWithError("the counts are wrong");
  }
}

// The least there is to do to time a datagram: no numbers.
void TransitTimesBare(benchmark::State& state) {
  TransitTimes times;
  const std::vector<std::uint64_t> numbers = in_order();
  for (auto _ : state) {
    for (const std::uint64_t number : numbers) {
      const auto sent = std::chrono::nanoseconds(1000 * number);
      times.add(sent, sent + std::chrono::nanoseconds(20'000 + number * 167 % 512));
    }
    benchmark::DoNotOptimize(times);
  }
  report(state);
}
BENCHMARK(TransitTimesBare);

// Question: what does a datagram in order cost? Expected: a few nanoseconds, flat in the window.
void DatagramsInOrder(benchmark::State& state) {
  account(state, in_order(), static_cast<std::uint32_t>(state.range(0)), 0, 0);
}
BENCHMARK(DatagramsInOrder)->ArgName("window")->Arg(64)->Arg(4096)->Arg(1 << 20);

// Question: what does it cost where one in `every` is lost?
void DatagramsLost(benchmark::State& state) {
  const auto every = static_cast<std::uint64_t>(state.range(0));
  std::vector<std::uint64_t> numbers;
  // The last of a round arrives, so that a round leaves no gap for the next to find.
  for (std::uint64_t i = 0; i < train_datagrams; ++i) {
    if (i % every != 0) numbers.push_back(i);
  }
  account(state, numbers, 4096, train_datagrams - numbers.size(), 0);
}
BENCHMARK(DatagramsLost)->ArgName("every")->Arg(1024)->Arg(128)->Arg(8)->Arg(2);

// Question: what does it cost where each second one overtakes the one before?
void DatagramsSwapped(benchmark::State& state) {
  std::vector<std::uint64_t> numbers = in_order();
  for (std::uint64_t i = 0; i < train_datagrams; i += 2) std::swap(numbers[i], numbers[i + 1]);
  account(state, numbers, 4096, 0, train_datagrams / 2);
}
BENCHMARK(DatagramsSwapped);

// Question: what does a jump over the window cost, the worst a peer can send? Expected: linear in
// the window, a word at a time.
void DatagramJump(benchmark::State& state) {
  const auto window = static_cast<std::uint32_t>(state.range(0));
  auto sequence =
      DatagramSequence::create({.window_datagrams = window, .first_sequence = 0}).value();
  std::uint64_t number = 0;
  for (auto _ : state) {
    number += 2 * window;
    benchmark::DoNotOptimize(sequence.receive({.sequence = number}, {}));
  }
  if (sequence.counts().implausible != 0) state.SkipWithError("a jump was refused");
}
BENCHMARK(DatagramJump)->ArgName("window")->Arg(64)->Arg(4096)->Arg(1 << 20);

// Question: what do both ends of the header cost?
void DatagramHeaderEncode(benchmark::State& state) {
  std::vector<std::byte> datagram(1200);
  DatagramHeader header{.stream_id = 7};
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < train_datagrams; ++i) {
      ++header.sequence;
      header.encode(datagram);
      benchmark::ClobberMemory();
    }
  }
  report(state);
}
BENCHMARK(DatagramHeaderEncode);

void DatagramHeaderDecode(benchmark::State& state) {
  std::vector<std::byte> datagram(1200);
  DatagramHeader{.stream_id = 7, .sequence = 5}.encode(datagram);
  std::uint64_t sum = 0;
  for (auto _ : state) {
    for (std::uint64_t i = 0; i < train_datagrams; ++i) {
      const auto header = DatagramHeader::decode(datagram);
      if (header) sum += header->sequence;
      benchmark::ClobberMemory();
    }
  }
  report(state);
  const auto rounds = static_cast<std::uint64_t>(state.iterations());
  if (sum != 5 * train_datagrams * rounds) state.SkipWithError("a header was refused");
}
BENCHMARK(DatagramHeaderDecode);

}  // namespace
}  // namespace weir::protocols
