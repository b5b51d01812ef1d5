#include "relay.h"

#include <poll.h>

#include <utility>

#include "delay_queue.h"

namespace delay_relay {
namespace {

using weir::Clock;
using weir::Result;
using weir::Task;

/// Packets that a task moves before the other ones have their turn.
constexpr int packets_per_turn_max = 32;

/// One way through the relay.
struct Direction {
  const TunDevice& from;
  const TunDevice& to;
  const weir::Duration wake_early;
  DelayQueue queue;
  DirectionCounts& counts;
  weir::Event filled;
};

/// \returns false when the device has no more
Result<bool> take_some(Direction* direction) {
  for (int taken = 0; taken < packets_per_turn_max; ++taken) {
    const Result<std::size_t> bytes = direction->from.read(direction->queue.room());
    if (!bytes) return std::unexpected(bytes.error());
    if (*bytes == 0) return false;
    if (direction->queue.push(*bytes, Clock::now())) direction->filled.set();
  }
  return true;
}

Task<Result<void>> take_in(Direction* direction) {
  for (;;) {
    const Result<bool> is_more = take_some(direction);
    if (!is_more) co_return std::unexpected(is_more.error());
    if (*is_more) {
      co_await weir::yield();
      // A flood never gets to the poll below, and yielding does not hear of a cancellation.
      const Result<void> goes_on = co_await weir::sleep_for({});
      if (!goes_on) co_return goes_on;
      continue;
    }
    const Result<short> events = co_await weir::poll_fd(direction->from.fd(), POLLIN);
    if (!events) co_return std::unexpected(events.error());
  }
}

void send_due(Direction* direction) {
  DelayQueue& queue = direction->queue;
  DirectionCounts& counts = direction->counts;
  for (int sent = 0; sent < packets_per_turn_max; ++sent) {
    const weir::TimePoint now = Clock::now();
    if (queue.next_due() > now) return;
    const DelayedPacket packet = queue.front();
    if (direction->to.write(packet.bytes)) {
      ++counts.packets;
      counts.bytes += packet.bytes.size();
      counts.lateness.record(now - packet.due);
    } else {
      // One that this kernel does not take is that packet's loss: a wire carries on.
      ++counts.refused;
    }
    queue.pop();
  }
}

Task<Result<void>> send_out(Direction* direction) {
  DelayQueue& queue = direction->queue;
  for (;;) {
    if (queue.empty()) {
      direction->filled.reset();
      const Result<void> is_filled = co_await direction->filled.wait();
      if (!is_filled) co_return is_filled;
    }
    const Result<void> slept = co_await weir::sleep_until(queue.next_due() - direction->wake_early);
    if (!slept) co_return slept;
    // Awake before time: what the kernel takes to wake a thread has passed by now. The others have
    // their turns meanwhile.
    while (Clock::now() < queue.next_due()) co_await weir::yield();
    send_due(direction);
    co_await weir::yield();
  }
}

void finish(Direction* direction) {
  direction->counts.dropped_full = direction->queue.dropped_count();
  direction->counts.left_over = direction->queue.size();
  direction->counts.under_way_max = direction->queue.size_max();
}

/// One task that fails ends the others.
Task<Result<void>> run_in(weir::Scope* scope, Task<Result<void>> part) {
  const Result<void> ended = co_await std::move(part);
  if (!ended) scope->cancel(ended.error());
  co_return ended;
}

}  // namespace

Task<Result<void>> relay(const EmulatedPath* path, RelayOptions options, RelayCounts* counts) {
  const DelayQueueOptions queue{.delay = options.rtt / 2,
                                .packets_max = options.packets_max,
                                .packet_bytes_max = path->mtu_bytes()};
  const TunDevice& client = path->client().device;
  const TunDevice& server = path->server().device;
  Direction to_server{client, server, options.wake_early, DelayQueue(queue), counts->to_server, {}};
  Direction to_client{server, client, options.wake_early, DelayQueue(queue), counts->to_client, {}};
  weir::Scope scope;
  for (Direction* const direction : {&to_server, &to_client}) {
    scope.spawn(run_in(&scope, take_in(direction)));
    scope.spawn(run_in(&scope, send_out(direction)));
  }
  const Result<void> ended = co_await scope.join();
  finish(&to_server);
  finish(&to_client);
  co_return ended;
}

}  // namespace delay_relay
