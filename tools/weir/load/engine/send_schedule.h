// SendSchedule: when each datagram of a fixed rate is due. Several sockets take turns: socket i of
// n sends the numbers i, i + n, i + 2n, ... of the whole, so that together they are as even as one.
//
// The times follow from the number alone: a sender that was late does not shift what follows.
#pragma once

#include <chrono>
#include <cstdint>

namespace weir::tools::load {

struct SendScheduleOptions {
  std::chrono::nanoseconds begin;     ///< when number 0 is due, on whatever clock
  std::chrono::nanoseconds duration;  ///< what is due at its end, or later, is not sent
  std::uint64_t rate;                 ///< a second, of all sockets together; at least 1
  std::uint32_t socket = 0;
  std::uint32_t sockets = 1;
};

class SendSchedule {
 public:
  explicit SendSchedule(const SendScheduleOptions& options) noexcept : options_(options) {}

  /// When this socket's datagram `number` is due.
  [[nodiscard]] std::chrono::nanoseconds time_of(std::uint64_t number) const noexcept {
    const std::uint64_t place = number * options_.sockets + options_.socket;
    // Whole seconds apart: the product with 10^9 would overflow within hours.
    const std::uint64_t rest_ns = place % options_.rate * ns_per_second / options_.rate;
    return options_.begin + std::chrono::seconds(place / options_.rate) +
           std::chrono::nanoseconds(rest_ns);
  }

  /// How many datagrams this socket sends.
  [[nodiscard]] std::uint64_t count() const noexcept { return due_after(options_.duration); }

  /// How many of them are due by `now`.
  [[nodiscard]] std::uint64_t due_by(std::chrono::nanoseconds now) const noexcept {
    if (now < options_.begin) return 0;
    const auto elapsed = now - options_.begin + std::chrono::nanoseconds(1);
    return due_after(elapsed < options_.duration ? elapsed : options_.duration);
  }

 private:
  static constexpr std::uint64_t ns_per_second = 1'000'000'000;

  /// Those of this socket that are due earlier than `elapsed` after the beginning.
  [[nodiscard]] std::uint64_t due_after(std::chrono::nanoseconds elapsed) const noexcept {
    const auto ns = static_cast<std::uint64_t>(elapsed.count());
    // The smallest place whose time is not earlier: the division rounds up.
    const std::uint64_t rest =
        (ns % ns_per_second * options_.rate + ns_per_second - 1) / ns_per_second;
    const std::uint64_t places = ns / ns_per_second * options_.rate + rest;
    if (places <= options_.socket) return 0;
    return (places - options_.socket + options_.sockets - 1) / options_.sockets;
  }

  SendScheduleOptions options_;
};

}  // namespace weir::tools::load
