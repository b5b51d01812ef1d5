// What it costs to know when the next request of an open-loop load is due. A generator pays it once
// a request, so it bounds nothing as long as it is far below a system call.
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>
#include <string>

#include <benchmark/benchmark.h>

#include "tools/weir/load/plan/schedule.h"

namespace weir::tools::load {
namespace {

constexpr std::chrono::hours long_enough{24 * 365};
constexpr double rate = 100'000;  // 10 us apart: a year of it is never reached

void drain(benchmark::State& state, Schedule schedule) {
  std::chrono::nanoseconds last{};
  for (auto _ : state) {
    const std::optional<Due> due = schedule.next();
    if (!due || due->time < last) {
      state.SkipWithError("the schedule ended or went back");
      break;
    }
    last = due->time;
  }
  state.SetItemsProcessed(state.iterations());
}

const RateShape& constant() {
  static const RateShape shape({rate, rate}, long_enough);
  return shape;
}

// Question: what does a request cost by its arrival? Expected: Poisson below 30 ns, fixed the
// least.
void ScheduleConstant(benchmark::State& state) {
  const auto kind = static_cast<Arrival::Kind>(state.range(0));
  drain(state, Schedule(constant(), {.kind = kind, .burst_requests = 16}, 1));
  state.SetLabel(to_string({.kind = kind, .burst_requests = 16}));
}
BENCHMARK(ScheduleConstant)->ArgName("arrival")->DenseRange(0, 3);

// Question: what does a ramp add? Expected: a square root and a division.
void ScheduleRamp(benchmark::State& state) {
  drain(state, Schedule(RateShape({rate, 2 * rate}, long_enough), {}, 1));
}
BENCHMARK(ScheduleRamp);

// Question: what does a part cost, which draws what the others send? Expected: linear in the parts,
// a few nanoseconds each.
void ScheduleOnePart(benchmark::State& state) {
  const auto parts = static_cast<std::uint32_t>(state.range(0));
  drain(state, Schedule(constant(), {}, 1, {.part = parts - 1, .parts = parts}));
}
BENCHMARK(ScheduleOnePart)->ArgName("parts")->Arg(1)->Arg(2)->Arg(8)->Arg(64);

// Question: what does a line of a trace cost?
void ScheduleReplay(benchmark::State& state) {
  constexpr int lines = 100'000;
  std::string text;
  for (int i = 0; i < lines; ++i) text += std::to_string(1'000'000'000 + 10'000L * i) + ",64\n";
  for (auto _ : state) {
    Schedule schedule(ReplayTrace(std::make_unique<std::istringstream>(text), "trace"));
    int count = 0;
    while (schedule.next()) ++count;
    if (count != lines) state.SkipWithError("lines are missing");
  }
  state.SetItemsProcessed(state.iterations() * lines);
  state.counters["time/line"] =
      benchmark::Counter(static_cast<double>(state.iterations() * lines),
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(ScheduleReplay);

}  // namespace
}  // namespace weir::tools::load
