#include "tools/weir/load/engine/udp_shard.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/timer_slack.h"
#include "tools/weir/load/engine/make_schedule.h"
#include "tools/weir/load/report/report.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

/// How often the flows are asked for what is overdue: often enough that it adds little to
/// `lost_after`, seldom enough to cost nothing.
constexpr std::int64_t ticks_per_loss = 16;
constexpr Duration loss_tick_min = std::chrono::milliseconds(1);
constexpr Duration loss_tick_max = std::chrono::milliseconds(50);

// The generator should not be what loses datagrams; the system caps it (net.core.rmem_max).
constexpr std::uint32_t receive_buffer_bytes = 4 << 20;

std::string explain_open_error(const Target& target, const std::error_code& error) {
  std::string text = fmt::format("cannot open a socket to {}: {}", target.text, error.message());
  if (error == std::errc::too_many_files_open) {
    text += "; `ulimit -n` is too low for so many";
  } else if (error == std::errc::address_not_available ||
             error == std::errc::resource_unavailable_try_again) {
    text += "; no local port is free: use fewer connections";
  }
  return text;
}

}  // namespace

UdpShard::UdpShard(const Options& options, std::uint32_t first_socket, std::uint32_t sockets)
    : options_(options),
      first_socket_(first_socket),
      socket_count_(sockets),
      tally_(options.pace) {}

Task<void> UdpShard::connect_all() {
  if (options_.pace != Pace::spin) ask_for_exact_timers();
  // A train that finds no room is one drop to the kernel's counters, however many datagrams it was:
  // who asks who lost how many sends and receives them one by one.
  const UdpOptions udp{.receive_offload = Switch::off,
                       .send_offload = Switch::off,
                       .receive_buffer_bytes = receive_buffer_bytes};
  for (std::uint32_t index = 0; index < socket_count_; ++index) {
    Result<UdpSocket> socket = UdpSocket::connect(options_.target.address, udp);
    if (!socket) {
      const bool unreachable = socket.error() == std::errc::network_unreachable;
      tally_.add_error(unreachable ? ErrorKind::unreachable : ErrorKind::connect,
                       unreachable ? explain_unreachable(options_.target, socket.error())
                                   : explain_open_error(options_.target, socket.error()),
                       1, socket.error());
      continue;
    }
    flows_.push_back(
        std::make_unique<UdpFlow>(first_socket_ + index, std::move(*socket), options_, tally_));
  }
  co_return;
}

Task<void> UdpShard::tick(UdpShard* self) {
  const Duration pause = std::clamp<Duration>(self->options_.lost_after / ticks_per_loss,
                                              loss_tick_min, loss_tick_max);
  bool are_done = false;
  while (!are_done) {
    const Result<void> slept = co_await sleep_for(pause);
    if (!slept) break;
    are_done = true;
    for (const auto& flow : self->flows_) {
      co_await flow->tick();
      are_done = are_done && flow->is_done(Clock::now());
    }
  }
  self->running_.cancel();
}

void UdpShard::begin_schedule(TimePoint begin) {
  auto whole = make_schedule(options_, SchedulePart{});
  if (!whole) {
    tally_.add_error(ErrorKind::trace, whole.error().message);
    flows_.clear();
    return;
  }
  schedule_.emplace(
      *std::move(whole),
      FlowRange{.first = first_socket_, .here = socket_count_, .all = options_.connections});
  for (const auto& flow : flows_) running_.spawn(flow->send_on_schedule(begin, *schedule_));
}

Task<void> UdpShard::run() {
  (void)co_await measuring_.wait();
  const TimePoint begin = Clock::now();
  if (options_.open) begin_schedule(begin);
  for (const auto& flow : flows_) running_.spawn(flow->receive_all());
  running_.spawn(tick(this));
  (void)co_await running_.join();
  const TimePoint end = Clock::now();
  for (const auto& flow : flows_) {
    flow->count_undecided(end);
    flow->add_to(result_, begin);
    gaps_.merge(flow->gaps());
  }
  if (schedule_ && schedule_->error()) {
    tally_.add_error(ErrorKind::trace, schedule_->error()->message);
  }
  flows_.clear();
}

void UdpShard::stop(Duration /*patience*/, Error reason) noexcept {
  measuring_.set();
  tally_.stopping = true;
  if (reason == Error::cancelled) tally_.interrupted = true;
}

void UdpShard::swap_interval(Phase phase, std::unique_ptr<Interval>& spare) noexcept {
  if (phase == Phase::measured) tally_.interval.swap(spare);
}

PartState UdpShard::state() const noexcept {
  PartState state{.polled = tally_.pacer.polled()};
  for (const auto& flow : flows_) state.in_flight += flow->in_flight();
  return state;
}

void UdpShard::add_to(LoadReport& report) const {
  report.errors.merge(tally_.errors);
  report.datagrams->merge(result_);
}

}  // namespace weir::tools::load
