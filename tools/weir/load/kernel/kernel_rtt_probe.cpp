#include "tools/weir/load/kernel/kernel_rtt_probe.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/plan/seeded_random.h"
#include "weir/core/deadline.h"
#include "weir/core/poll_fd.h"
#include "weir/core/sleep.h"

namespace weir::tools::load {
namespace {

/// A server may close a connection or drop a datagram now and then; three in a row will go on.
constexpr unsigned failures_in_a_row_max = 3;
/// Of an answer, read at a time.
constexpr std::size_t answer_read_bytes_max = std::size_t{64} << 10;

/// Between half of `interval` and one and a half.
Duration jittered(Duration interval, SeededRandom& random) noexcept {
  const auto whole = static_cast<std::uint64_t>(std::max<Duration::rep>(interval.count(), 2));
  return Duration(static_cast<Duration::rep>(whole / 2 + random.next() % whole));
}

}  // namespace

/// A request under way.
struct KernelRttProbe::RoundTrip {
  TimePoint deadline{};
  TimePoint began{};
  TimePoint ended{};
  std::optional<KernelTime> left{};
  std::optional<KernelTime> came{};
};

void KernelRttCounts::merge(const KernelRttCounts& other) noexcept {
  sent += other.sent;
  answered += other.answered;
  unstamped += other.unstamped;
  timed_out += other.timed_out;
  failed += other.failed;
}

KernelRttProbe::KernelRttProbe(KernelRttOptions options) : options_(std::move(options)) {
  const bool is_datagram = options_.transport == Transport::datagram;
  // A datagram that is longer than it should be is no reason to read it in two.
  answer_.resize(is_datagram
                     ? answer_read_bytes_max
                     : std::clamp<std::size_t>(options_.answer_bytes, 1, answer_read_bytes_max));
}

void KernelRttProbe::reset() noexcept {
  kernel_rtt_.reset();
  app_rtt_.reset();
  counts_ = {};
}

Task<void> KernelRttProbe::run() {
  if (!options_.target.is_ip()) {
    gave_up_ = "only packets of a network are stamped";
    co_return;
  }
  running_.spawn(probe(this));
  (void)co_await running_.join();
  socket_.reset();
}

Task<void> KernelRttProbe::probe(KernelRttProbe* self) {
  SeededRandom random(self->options_.seed);
  while (self->gave_up_.empty()) {
    const Result<void> slept = co_await sleep_for(jittered(self->options_.interval, random));
    if (!slept) co_return;
    Outcome outcome = Outcome::answered;
    if (self->socket_ && self->has_leftovers()) self->socket_.reset();
    if (!self->socket_) outcome = co_await self->connect();
    if (outcome == Outcome::answered) outcome = co_await self->round_trip();
    if (outcome == Outcome::cancelled) co_return;
    if (outcome == Outcome::answered) {
      self->failures_in_a_row_ = 0;
      continue;
    }
    // On a new socket no late answer can be taken for the next one.
    self->socket_.reset();
    if (++self->failures_in_a_row_ == failures_in_a_row_max) self->gave_up_ = self->last_failure_;
  }
}

/// Something came that no request asked for, or the server ended the connection after the last
/// answer, as it may: a new one is better in any case.
bool KernelRttProbe::has_leftovers() {
  const auto came = socket_->receive(answer_);
  return !came || *came;
}

KernelRttProbe::Outcome KernelRttProbe::fail_with(std::string_view what,
                                                  const std::error_code& error) {
  if (error == Error::cancelled) return Outcome::cancelled;
  ++(error == Error::deadline_exceeded ? counts_.timed_out : counts_.failed);
  const std::string reason =
      error == Error::deadline_exceeded
          ? fmt::format("no answer in {}", format_duration(options_.timeout, TextStyle()))
          : error.message();
  last_failure_ = fmt::format("{}: {}", what, reason);
  return Outcome::failed;
}

Task<KernelRttProbe::Outcome> KernelRttProbe::wait_for(short events, TimePoint deadline,
                                                       const char* what) {
  const Result<short> ready = co_await with_deadline(deadline, poll_fd(socket_->fd(), events));
  co_return ready ? Outcome::answered : fail_with(what, ready.error());
}

Task<KernelRttProbe::Outcome> KernelRttProbe::connect() {
  Result<StampedSocket> opened = StampedSocket::open(options_.target, options_.transport);
  if (!opened) co_return fail_with("connect", opened.error());
  socket_.emplace(*std::move(opened));
  const TimePoint deadline = deadline_after(Clock::now(), options_.timeout);
  const Outcome writable = co_await wait_for(POLLOUT, deadline, "connect");
  if (writable != Outcome::answered) co_return writable;
  if (const auto connected = socket_->connected(); !connected) {
    co_return fail_with("connect", connected.error());
  }
  if (const auto enabled = socket_->enable_stamps(); !enabled) {
    // No later attempt would do better.
    gave_up_ = fmt::format("SO_TIMESTAMPING: {}", enabled.error().message());
    co_return fail_with("SO_TIMESTAMPING", enabled.error());
  }
  co_return Outcome::answered;
}

Task<KernelRttProbe::Outcome> KernelRttProbe::send_request(TimePoint deadline) {
  std::span<const std::byte> rest = options_.request;
  while (!rest.empty()) {
    const Result<std::size_t> taken = socket_->send(rest);
    if (!taken) co_return fail_with("send", taken.error());
    rest = rest.subspan(*taken);
    if (rest.empty()) break;
    const Outcome writable = co_await wait_for(POLLOUT, deadline, "send");
    if (writable != Outcome::answered) co_return writable;
    // A stamp of an earlier part would make the next wait end at once, and the one after it.
    (void)socket_->transmit_stamp();
  }
  co_return Outcome::answered;
}

Task<KernelRttProbe::Outcome> KernelRttProbe::receive_answer(RoundTrip* trip) {
  const bool is_datagram = options_.transport == Transport::datagram;
  std::size_t missing = is_datagram ? 1 : std::max<std::size_t>(options_.answer_bytes, 1);
  while (missing > 0) {
    const std::size_t room = is_datagram ? answer_.size() : std::min(missing, answer_.size());
    const auto came = socket_->receive(std::span(answer_).first(room));
    if (!came) co_return fail_with("receive", came.error());
    if (*came) {
      if ((*came)->bytes == 0 && !is_datagram) {
        co_return fail_with("the server ended the connection", from_errno(ECONNRESET));
      }
      trip->came = (*came)->stamp;
      missing -= is_datagram ? missing : (*came)->bytes;
      continue;
    }
    const Outcome readable = co_await wait_for(POLLIN, trip->deadline, "request");
    if (readable != Outcome::answered) co_return readable;
    // It may be the stamp that made it ready. Taken, it does not do so again.
    if (const auto stamp = socket_->transmit_stamp()) trip->left = stamp;
  }
  trip->ended = Clock::now();
  co_return Outcome::answered;
}

Task<KernelRttProbe::Outcome> KernelRttProbe::round_trip() {
  RoundTrip trip;
  trip.began = Clock::now();
  trip.deadline = deadline_after(trip.began, options_.timeout);
  const Outcome sent = co_await send_request(trip.deadline);
  if (sent != Outcome::answered) co_return sent;
  ++counts_.sent;
  trip.left = socket_->transmit_stamp();
  const Outcome answered = co_await receive_answer(&trip);
  if (answered != Outcome::answered) co_return answered;
  if (const auto stamp = socket_->transmit_stamp()) trip.left = stamp;
  count(trip);
  co_return Outcome::answered;
}

void KernelRttProbe::count(const RoundTrip& trip) {
  ++counts_.answered;
  const Duration app = trip.ended - trip.began;
  const bool is_stamped = trip.left && trip.came;
  const auto kernel = is_stamped ? *trip.came - *trip.left : KernelTime();
  // The stamps are of the wall clock: if it was set meanwhile, they make no sense together.
  if (!is_stamped || kernel <= KernelTime() || kernel > app) {
    ++counts_.unstamped;
    if (unstamped_.add(trip.ended)) gave_up_ = "the kernel stamps nothing on this way";
    return;
  }
  unstamped_.end();
  kernel_rtt_.record(static_cast<std::uint64_t>(kernel.count()));
  app_rtt_.record(static_cast<std::uint64_t>(app.count()));
}

}  // namespace weir::tools::load
