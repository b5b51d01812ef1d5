// One UDP socket under load: sends, in a closed loop or on a schedule, and checks what comes back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/engine/datagram_flight.h"
#include "tools/weir/load/engine/pacer.h"
#include "tools/weir/load/engine/shared_schedule.h"
#include "tools/weir/load/engine/tally.h"
#include "tools/weir/load/plan/gap_statistics.h"
#include "tools/weir/load/report/datagram_result.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"
#include "weir/net/udp_socket.h"

namespace weir::tools::load {

/// Where the flows of a shard count.
struct UdpTally {
  explicit UdpTally(Pace pace) : pacer(pace) {}

  void add_error(ErrorKind kind, std::string_view example, std::uint64_t n = 1,
                 std::error_code cause = {}) {
    errors.add(kind, example, n, cause);
    interval->errors += n;
  }

  std::unique_ptr<Interval> interval = std::make_unique<Interval>();
  ErrorCounts errors;
  Pacer pacer;
  bool stopping = false;     ///< no new requests
  bool interrupted = false;  ///< the schedule is cut short, too
};

/// Invariant: in a closed loop at most `depth` datagrams are outstanding. One send at a time.
class UdpFlow {
 public:
  /// `options` and `tally` outlive the flow.
  UdpFlow(std::uint32_t number, UdpSocket socket, const Options& options, UdpTally& tally);

  /// Takes what comes, and in a closed loop sends what it makes room for, until it is cancelled,
  /// the runtime drains, or the flow has failed (counted).
  [[nodiscard]] Task<void> receive_all();

  /// Sends what is due of its share until the schedule is over. `begin` is the same for all flows;
  /// `schedule` outlives the flow.
  [[nodiscard]] Task<void> send_on_schedule(TimePoint begin, SharedSchedule& schedule);

  /// Gives up what is overdue, and in a closed loop replaces it. From time to time.
  [[nodiscard]] Task<void> tick();

  /// Whether nothing is to be sent or waited for any more.
  [[nodiscard]] bool is_done(TimePoint now) const noexcept;

  [[nodiscard]] std::uint64_t in_flight() const noexcept { return flight_.outstanding(); }

  /// Counts what was refused, and what is neither answered nor lost, each at its age. When the flow
  /// has ended.
  void count_undecided(TimePoint now);

  /// Between the due times of what it had of the schedule.
  [[nodiscard]] const GapStatistics& gaps() const noexcept { return gaps_; }

  /// When the flow has ended. `began` is when the run did.
  void add_to(DatagramResult& result, TimePoint began) const;

 private:
  [[nodiscard]] bool has_schedule() const noexcept { return options_.open.has_value(); }
  void count_unsent(TimePoint begin, std::optional<Due> next);
  [[nodiscard]] Task<void> refill();
  [[nodiscard]] Task<void> send_batch(std::uint64_t count);
  [[nodiscard]] std::uint64_t room() const noexcept;
  void take(const DatagramBatch& batch);
  void note_failure(const std::error_code& error);
  void note_unreachable(const std::error_code& error);
  [[nodiscard]] std::uint64_t outstanding() const noexcept;
  void count_losses() noexcept;

  std::uint32_t number_;
  UdpSocket socket_;
  const Options& options_;
  UdpTally& tally_;
  DatagramFlight flight_;
  std::vector<std::byte> outgoing_;
  std::vector<OutgoingDatagram> entries_;  ///< views of `outgoing_`
  SharedSchedule* schedule_ = nullptr;     ///< while there is one
  GapStatistics gaps_;
  std::deque<TimePoint> due_;  ///< of what is due and not sent, oldest first
  TimePoint first_send_{};
  TimePoint last_send_{};
  std::uint64_t sent_ = 0;
  std::uint64_t refusals_ = 0;  ///< how often the network said that the server was not reached
  std::uint64_t losses_counted_ = 0;
  bool sending_ = false;
  bool schedule_over_ = false;
  bool was_never_heard_ = false;  ///< refused before anything could be known to have arrived
  bool ended_ = false;            ///< failed, or the runtime drains
};

/// For people: what it means that `error` came back from the network.
[[nodiscard]] std::string explain_unreachable(const Target& target, const std::error_code& error);

}  // namespace weir::tools::load
