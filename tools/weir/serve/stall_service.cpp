#include "tools/weir/serve/stall_service.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::serve {
namespace {

/// Once more if a wake-up was so late that the next stall has begun.
Task<Result<void>> wait_for_end_of_stall(StallClock clock, StallReport* report) {
  for (std::optional<TimePoint> end = clock.end_of_stall_at(Clock::now()); end;) {
    const Result<void> slept = co_await sleep_until(*end);
    if (!slept) co_return slept;
    const TimePoint now = Clock::now();
    report->lateness_worst = std::max(report->lateness_worst, now - *end);
    end = clock.end_of_stall_at(now);
  }
  co_return Result<void>();
}

template <typename S>
Task<Result<void>> echo_between_stalls(S stream, StallClock clock, StallReport* report) {
  for (;;) {
    Result<Chain> chunk = co_await stream.read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) co_return Result<void>();
    if (stream.queued_bytes() >= stream.limits().high_water_bytes) {
      const Result<void> has_room = co_await stream.drained();
      if (!has_room) co_return has_room;
    }
    // Asked last: the wait for room may have reached into a stall.
    if (clock.end_of_stall_at(Clock::now())) {
      ++report->held;
      const Result<void> over = co_await wait_for_end_of_stall(clock, report);
      if (!over) co_return over;
    }
    const Result<void> queued = stream.queue(std::move(*chunk));
    if (!queued) co_return queued;
  }
}

}  // namespace

StallReport& StallReport::operator+=(const StallReport& other) noexcept {
  held += other.held;
  lateness_worst = std::max(lateness_worst, other.lateness_worst);
  return *this;
}

std::string summary_text(const StallReport& report) {
  const std::chrono::duration<double, std::milli> worst = report.lateness_worst;
  return fmt::format("{} stalls, {} answers held back, the latest {:.3f} ms after its stall's end",
                     report.stalls, report.held, worst.count());
}

std::string announcement_text(const StallClock& clock) {
  const Duration first = clock.begin.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(first);
  return fmt::format(
      "silent for the last {} of every {}; the first stall begins {} after READY, at {}.{:09} s of "
      "CLOCK_MONOTONIC",
      format_duration(clock.length, {}), format_duration(clock.every, {}),
      format_duration(clock.every - clock.length, {}), seconds.count(), (first - seconds).count());
}

template <typename Listener>
Task<Result<ServeStats>> serve_stall(Listener* listener, StallClock clock, ServeOptions limits,
                                     StallReport* report) {
  using S = typename Listener::Stream;
  // One for each shard, which alone writes it until all have ended.
  std::vector<StallReport> reports(Runtime::current().shard_count());
  const auto serve_one = [clock, &reports](S stream) {
    return echo_between_stalls(std::move(stream), clock, &reports[Shard::current().id()]);
  };
  Task<Result<ServeStats>> serving = listener->serve(serve_one, limits);
  Result<ServeStats> served = co_await std::move(serving);
  for (const StallReport& shard_report : reports) *report += shard_report;
  report->stalls = clock.stalls_begun_by(Clock::now());
  co_return served;
}

template Task<Result<ServeStats>> serve_stall(TcpListener* listener, StallClock clock,
                                              ServeOptions limits, StallReport* report);
template Task<Result<ServeStats>> serve_stall(UnixListener* listener, StallClock clock,
                                              ServeOptions limits, StallReport* report);

}  // namespace weir::tools::serve
