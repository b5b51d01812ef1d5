#include "tools/weir/load/engine/udp_flow.h"

#include <linux/sock_diag.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <random>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

/// What one send hands to the kernel: as many datagrams as one train can have, in no more memory
/// than a few trains take.
constexpr std::size_t batch_datagrams_max = 64;
constexpr std::size_t batch_bytes_max = std::size_t{256} << 10;

/// After the last datagram was sent: copies of its echo may follow it.
constexpr Duration linger = std::chrono::milliseconds(50);
/// What a schedule may be late at its end before the rest of it is dropped, and reported.
constexpr Duration overtime = std::chrono::milliseconds(100);
/// One way no answer tells that a server is there. Who was not told within so long that there is
/// none has sent to one.
constexpr Duration refusal_time = std::chrono::seconds(1);
/// When a queue of the kernel is full (ENOBUFS) nothing says when to try again.
constexpr Duration pause_when_refused = std::chrono::milliseconds(1);

// A number that is pending longer than a window of others is lost too early. No socket does more
// than this a second, and many together not more than a few times as much.
constexpr double echoes_per_second_max = 4e6;
constexpr std::uint32_t window_min = 1024;
constexpr std::uint32_t window_max = std::uint32_t{1} << 24;

nanoseconds since_epoch(TimePoint time) noexcept { return time.time_since_epoch(); }

std::uint32_t window_for(const Options& options) {
  const double rate = options.open ? options.open->shape.rate_max() : echoes_per_second_max;
  const double wanted =
      2 * rate / options.connections * std::chrono::duration<double>(options.lost_after).count() +
      2.0 * options.depth;
  const double bounded = std::clamp(wanted, double{window_min}, double{window_max});
  return std::bit_ceil(static_cast<std::uint32_t>(bounded));
}

std::size_t batch_datagrams(const Options& options) {
  return std::clamp<std::size_t>(batch_bytes_max / options.message_bytes, 1, batch_datagrams_max);
}

bool is_unreachable(const std::error_code& error) noexcept {
  constexpr std::array kinds = {std::errc::connection_refused, std::errc::host_unreachable,
                                std::errc::network_unreachable, std::errc::network_down,
                                std::errc::no_protocol_option};
  return std::any_of(kinds.begin(), kinds.end(), [&](std::errc kind) { return error == kind; });
}

bool is_orderly_end(const std::error_code& error) noexcept {
  return error == Error::cancelled || error == Error::shutting_down || error == Error::closed;
}

/// What the kernel dropped at a socket: SO_RXQ_OVFL tells it with the next datagram only, so what
/// was dropped after the last one is known here alone. SO_MEMINFO, Linux 4.12; else 0.
std::uint64_t drops_at(int socket) noexcept {
  std::array<std::uint32_t, SK_MEMINFO_VARS> values{};
  ::socklen_t size = sizeof values;
  const bool told = ::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values.data(), &size) == 0;
  return told ? values[SK_MEMINFO_DROPS] : 0;
}

}  // namespace

std::string explain_unreachable(const Target& target, const std::error_code& error) {
  if (error == std::errc::connection_refused) {
    return fmt::format(
        "nobody listens on {}; is the server running? `weir serve udp-echo` starts one",
        target.text);
  }
  return fmt::format("{} cannot be reached: {}", target.text, error.message());
}

UdpFlow::UdpFlow(std::uint32_t number, UdpSocket socket, const Options& options, UdpTally& tally)
    : number_(number),
      socket_(std::move(socket)),
      options_(options),
      tally_(tally),
      flight_({.stream_id = std::random_device()(),
               .datagram_bytes = options.message_bytes,
               .lost_after = options.lost_after,
               .window_datagrams = window_for(options)}),
      outgoing_(batch_datagrams(options) * options.message_bytes),
      entries_(batch_datagrams(options)) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    entries_[i].payload =
        std::span(outgoing_).subspan(i * options.message_bytes, options.message_bytes);
  }
}

Task<void> UdpFlow::receive_all() {
  if (!has_schedule()) co_await refill();
  while (!ended_) {
    Result<DatagramBatch> batch = co_await socket_.receive();
    if (!batch) {
      note_failure(batch.error());
      continue;
    }
    if (batch->empty()) break;
    take(*batch);
    if (!has_schedule()) co_await refill();
  }
  ended_ = true;
}

void UdpFlow::take(const DatagramBatch& batch) {
  const TimePoint now = Clock::now();
  Interval& interval = *tally_.interval;
  for (const Datagram& datagram : batch) {
    const EchoReceived received = flight_.receive(datagram.payload(), since_epoch(now));
    interval.requests.received_bytes += datagram.payload().size();
    switch (received.echo) {
      case Echo::answer:
        ++interval.requests.answered;
        interval.last_answer = now;
        (has_schedule() ? interval.latency.response : interval.latency.service)
            .record(static_cast<std::uint64_t>(received.latency.count()));
        break;
      case Echo::damaged:
      case Echo::foreign:
        tally_.add_error(ErrorKind::mismatch,
                         fmt::format("socket {}: {}", number_, flight_.complaint()));
        break;
      case Echo::duplicate:
      case Echo::late:
        break;
    }
  }
  count_losses();
}

std::uint64_t UdpFlow::room() const noexcept {
  if (ended_ || tally_.stopping) return 0;
  return options_.depth - std::min<std::uint64_t>(options_.depth, flight_.outstanding());
}

/// Whoever finds room fills it; a second one leaves that to the first.
Task<void> UdpFlow::refill() {
  if (sending_) co_return;
  while (const std::uint64_t count = room()) co_await send_batch(count);
}

/// Sends up to `count`, as many as fit into a batch.
Task<void> UdpFlow::send_batch(std::uint64_t count) {
  sending_ = true;
  count = std::min<std::uint64_t>(count, entries_.size());
  const TimePoint now = Clock::now();
  flight_.begin_batch(since_epoch(now));
  for (std::size_t i = 0; i < count; ++i) {
    flight_.write_next(
        since_epoch(schedule_ ? due_[i] : now),
        std::span(outgoing_).subspan(i * options_.message_bytes, options_.message_bytes));
  }
  const SendOutcome outcome = co_await socket_.send(std::span(entries_).first(count));
  flight_.take_back(count - outcome.accepted);
  for (std::size_t i = 0; schedule_ && i < outcome.accepted; ++i) {
    tally_.interval->latency.send_lag.record(
        static_cast<std::uint64_t>((now - due_.front()).count()));
    due_.pop_front();
  }
  if (outcome.accepted > 0) {
    last_send_ = Clock::now();
    if (sent_ == 0) first_send_ = now;
    sent_ += outcome.accepted;
  }
  tally_.interval->requests.sent += outcome.accepted;
  if (!schedule_) tally_.interval->requests.offered += outcome.accepted;
  tally_.interval->requests.sent_bytes += outcome.accepted * options_.message_bytes;
  if (outcome.refused) {
    note_failure(outcome.refused);
    if (!ended_ && !is_unreachable(outcome.refused)) {
      const Result<void> slept = co_await sleep_for(pause_when_refused);
      if (!slept) ended_ = true;
    }
  }
  sending_ = false;
}

Task<void> UdpFlow::send_on_schedule(TimePoint begin, SharedSchedule& schedule) {
  schedule_ = &schedule;
  const TimePoint end = deadline_after(begin, options_.duration + overtime);
  std::optional<Due> next = schedule_->next(number_);
  while (!ended_ && !tally_.interrupted && (next || !due_.empty())) {
    const TimePoint now = Clock::now();
    if (now >= end) break;
    for (; next && begin + next->time <= now && due_.size() < entries_.size();
         next = schedule_->next(number_)) {
      due_.push_back(begin + next->time);
      gaps_.add_event(next->time);
      ++tally_.interval->requests.offered;
    }
    if (due_.empty()) {
      const Result<void> waited = co_await tally_.pacer.wait_until(begin + next->time);
      if (!waited) break;
      continue;
    }
    co_await send_batch(due_.size());
    co_await yield();  // who is late must still receive
  }
  count_unsent(begin, next);
  schedule_over_ = true;
}

/// What was due by now and could not be sent was offered all the same.
void UdpFlow::count_unsent(TimePoint begin, std::optional<Due> next) {
  const TimePoint now = Clock::now();
  RequestCounts& requests = tally_.interval->requests;
  requests.unsent += due_.size();
  for (std::uint64_t counted = 0; next && begin + next->time <= now && counted < unoffered_max;
       ++counted, next = schedule_->next(number_)) {
    ++requests.offered;
    ++requests.unoffered;
  }
  const std::uint64_t left_out = schedule_->take_left_out(number_);
  requests.offered += left_out;
  requests.unoffered += left_out;
}

Task<void> UdpFlow::tick() {
  // While a send waits nobody knows how much of it was sent; nor is anything received then.
  if (!sending_) {
    flight_.expire(since_epoch(Clock::now()));
    count_losses();
  }
  if (!has_schedule()) co_await refill();
}

void UdpFlow::count_losses() noexcept {
  if (options_.answers == Answers::none) return;  // nobody can know
  const std::uint64_t lost = flight_.counts().lost;
  tally_.interval->requests.lost += lost - losses_counted_;
  losses_counted_ = lost;
}

bool UdpFlow::is_done(TimePoint now) const noexcept {
  if (ended_) return true;
  const bool is_all_sent = has_schedule() ? schedule_over_ : tally_.stopping;
  const bool is_all_decided = options_.answers == Answers::none || flight_.outstanding() == 0;
  return is_all_sent && !sending_ && is_all_decided && now - last_send_ >= linger;
}

/// Ends the flow, unless it is a single datagram's failure.
void UdpFlow::note_failure(const std::error_code& error) {
  if (is_orderly_end(error)) {
    ended_ = true;
  } else if (is_unreachable(error)) {
    note_unreachable(error);
  } else if (error == std::errc::message_size) {
    tally_.add_error(ErrorKind::reset,
                     fmt::format("a datagram of {} bytes is too large for the way to {}",
                                 options_.message_bytes, options_.target.text));
    ended_ = true;
  } else {
    tally_.add_error(ErrorKind::reset, fmt::format("socket {}: {}", number_, error.message()));
    if (error != std::errc::no_buffer_space) ended_ = true;
  }
}

/// Ends the flow, unless there was a server: that may come back.
void UdpFlow::note_unreachable(const std::error_code& error) {
  tally_.add_error(ErrorKind::unreachable, explain_unreachable(options_.target, error));
  ++refusals_;
  const bool is_known = flight_.counts().unique > 0;
  const bool is_likely =
      options_.answers == Answers::none && sent_ > 0 && Clock::now() - first_send_ > refusal_time;
  if (!is_known && !is_likely) was_never_heard_ = ended_ = true;
}

/// What was sent to nobody is not under way.
std::uint64_t UdpFlow::outstanding() const noexcept {
  return was_never_heard_ ? 0 : flight_.outstanding();
}

void UdpFlow::count_undecided(TimePoint now) {
  Interval& interval = *tally_.interval;
  if (options_.answers == Answers::none) {  // nobody waits for any
    interval.requests.failed += was_never_heard_ ? sent_ : std::min(refusals_, sent_);
    return;
  }
  if (was_never_heard_) {
    interval.requests.failed += flight_.outstanding();
    return;
  }
  CensoredHistogram& latency =
      has_schedule() ? interval.latency.response : interval.latency.service;
  for (const DatagramsPending& pending : flight_.pending(since_epoch(now))) {
    interval.requests.pending += pending.count;
    const auto age = static_cast<std::uint64_t>(pending.age.count());
    for (std::uint64_t i = 0; i < pending.count; ++i) latency.record_censored(age);
  }
}

void UdpFlow::add_to(DatagramResult& result, TimePoint began) const {
  DatagramResult part;
  if (options_.answers == Answers::echo) {
    part.counts = flight_.counts();
    part.under_way = outstanding();
  }
  part.damaged = flight_.damaged();
  part.foreign = flight_.foreign();
  part.sending = std::max(last_send_, began) - began;
  if (const Result<BufferGrant> grant = socket_.receive_buffer()) part.receive_buffer = *grant;
  part.sockets = socket_.stats();
  part.socket_drops = drops_at(socket_.native_handle());
  result.merge(part);
}

}  // namespace weir::tools::load
