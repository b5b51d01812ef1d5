// KernelRttProbe: samples the round trip as the kernel sees it, between the stamps of a request
// that leaves and its answer that arrives, beside the same round trip as a program sees it. The
// difference is what this side's kernel and its wake-ups cost: nearly half of a round trip on
// loopback.
//
// The requests travel on a connection (or a socket) of the probe's own, one at a time and few a
// second, so that what is measured does not feel it. Samples, no response times: while an answer is
// missing no request is due.
//
// What goes wrong is counted; if it goes on, the probe gives up and says why. Without stamps a run
// is as good as before.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/cli/target.h"
#include "tools/weir/load/kernel/stamped_socket.h"
#include "tools/weir/load/kernel/unstamped_streak.h"
#include "tools/weir/load/stats/histogram.h"
#include "weir/core/scope.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct KernelRttOptions {
  Address target{};
  Transport transport = Transport::stream;
  std::vector<std::byte> request{};  ///< as it goes out, with its frame
  std::size_t answer_bytes = 0;      ///< of a stream: after so many it is whole; at least 1
  /// Mean time between requests; each differs from it by up to half, so that the probe never falls
  /// into step with the load or a timer of the server's.
  Duration interval = std::chrono::milliseconds(50);
  Duration timeout = std::chrono::seconds(5);  ///< for connecting, and for an answer
  std::uint64_t seed = 1;                      ///< of the intervals
};

struct KernelRttCounts {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t unstamped = 0;  ///< answered, but the kernel gave no plausible pair of stamps
  std::uint64_t timed_out = 0;
  std::uint64_t failed = 0;  ///< connecting, sending or receiving, or a connection that ended

  void merge(const KernelRttCounts& other) noexcept;
};

/// Of one shard; lives until `run` has ended.
/// Invariant: answered == kernel_rtt.count() + unstamped; kernel_rtt and app_rtt have equal counts
/// and each kernel RTT is at most its app RTT.
class KernelRttProbe {
 public:
  explicit KernelRttProbe(KernelRttOptions options);

  /// Until `stop`, a cancellation, or it has given up. Once.
  [[nodiscard]] Task<void> run();

  /// `run` ends soon, whatever is under way. May come before it.
  void stop() noexcept { running_.cancel(); }

  /// From a request's transmit stamp to its answer's receive stamp, ns.
  [[nodiscard]] const Histogram& kernel_rtt() const noexcept { return kernel_rtt_; }
  /// Of the same round trips: from before sending until the answer was read, ns.
  [[nodiscard]] const Histogram& app_rtt() const noexcept { return app_rtt_; }
  [[nodiscard]] const KernelRttCounts& counts() const noexcept { return counts_; }
  /// Forgets what was measured so far, as after a warm-up.
  void reset() noexcept;

  /// Why it has given up, without a full stop; empty: it has not.
  [[nodiscard]] const std::string& gave_up() const noexcept { return gave_up_; }

 private:
  enum class Outcome : std::uint8_t { answered, failed, cancelled };

  struct RoundTrip;

  [[nodiscard]] static Task<void> probe(KernelRttProbe* self);
  [[nodiscard]] Task<Outcome> connect();
  [[nodiscard]] Task<Outcome> round_trip();
  [[nodiscard]] Task<Outcome> send_request(TimePoint deadline);
  [[nodiscard]] Task<Outcome> receive_answer(RoundTrip* trip);
  [[nodiscard]] Task<Outcome> wait_for(short events, TimePoint deadline, const char* what);
  [[nodiscard]] bool has_leftovers();
  [[nodiscard]] Outcome fail_with(std::string_view what, const std::error_code& error);
  void count(const RoundTrip& trip);

  KernelRttOptions options_;
  std::optional<StampedSocket> socket_;
  std::vector<std::byte> answer_;
  Histogram kernel_rtt_;
  Histogram app_rtt_;
  KernelRttCounts counts_;
  unsigned failures_in_a_row_ = 0;
  UnstampedStreak unstamped_;
  std::string last_failure_;
  std::string gave_up_;
  Scope running_;
};

}  // namespace weir::tools::load
