// What became of the requests of an interval or a run. Every request that was due is counted once:
//
//     offered = sent + dropped + expired + unsent + unoffered
//     sent = answered + failed + timed_out + lost + pending
//
// over a whole run; within an interval each is counted when it happens.
#pragma once

#include <cstdint>

namespace weir::tools::load {

/// No more of what was not offered is counted: counting this many takes a fraction of a second.
inline constexpr std::uint64_t unoffered_max = 10'000'000;

struct RequestCounts {
  std::uint64_t offered = 0;  ///< due by the schedule; in a closed loop the same as sent
  std::uint64_t dropped = 0;  ///< due while no connection was free: --on-behind drop, or the queue
                              ///< was full (then censored)
  std::uint64_t expired = 0;  ///< waited for a connection until the timeout; censored
  std::uint64_t unsent = 0;   ///< waited for a connection when the run ended; censored
  std::uint64_t unoffered = 0;  ///< the generator was too late to try before the end; censored
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;   ///< of them, completely and rightly
  std::uint64_t failed = 0;     ///< of them, by a wrong answer, the end of their connection, or a
                                ///< refusal: a datagram of one way, or to where nobody ever was
  std::uint64_t timed_out = 0;  ///< of them; censored
  std::uint64_t pending = 0;    ///< of them, unanswered when the run ended; censored
  std::uint64_t lost = 0;       ///< of them; datagrams only
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;

  void merge(const RequestCounts& other) noexcept {
    offered += other.offered;
    dropped += other.dropped;
    expired += other.expired;
    unsent += other.unsent;
    unoffered += other.unoffered;
    sent += other.sent;
    answered += other.answered;
    failed += other.failed;
    timed_out += other.timed_out;
    pending += other.pending;
    lost += other.lost;
    sent_bytes += other.sent_bytes;
    received_bytes += other.received_bytes;
  }
};

}  // namespace weir::tools::load
