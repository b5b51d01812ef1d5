// One schedule that several flows of a shard send together: flow k of n takes the requests whose
// number leaves k when divided by n, as `SchedulePart` says. It is drawn once, not once a flow, so
// that many flows cost no more than one, and a trace is opened once.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "tools/weir/load/plan/schedule.h"

namespace weir::tools::load {

/// Flows of this object, of all there are.
struct FlowRange {
  std::uint32_t first = 0;  ///< number of the first one here
  std::uint32_t here = 1;
  std::uint32_t all = 1;  ///< on all shards
};

/// Invariant: no flow has more than `backlog_max` requests waiting here
class SharedSchedule {
 public:
  /// What a flow that takes nothing may leave here while the others go on: a tenth of a second of
  /// the fastest socket, and 4 MB. Beyond that its requests are counted, and gone.
  static constexpr std::size_t backlog_max = 100'000;

  /// \param whole  with every request, of which those for flows elsewhere are passed over
  SharedSchedule(Schedule whole, const FlowRange& flows);

  /// The next request of a flow of this object; `nullopt` when it has no more.
  [[nodiscard]] std::optional<Due> next(std::uint32_t flow);

  /// Requests of this flow that found its backlog full, since the last call.
  [[nodiscard]] std::uint64_t take_left_out(std::uint32_t flow) noexcept;

  /// Why a trace ended before its end, if it did.
  [[nodiscard]] const std::optional<UsageError>& error() const noexcept { return whole_.error(); }

 private:
  struct Backlog {
    std::deque<Due> waiting;
    std::uint64_t left_out = 0;
  };

  [[nodiscard]] Backlog& backlog_of(std::uint32_t flow) noexcept;

  Schedule whole_;
  FlowRange flows_;
  std::vector<Backlog> backlogs_;
};

}  // namespace weir::tools::load
