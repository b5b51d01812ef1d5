// One shard's part of a run: its connections and what they count. Streams and datagrams each have
// theirs; `measure` conducts them alike.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "tools/weir/load/engine/interval.h"
#include "tools/weir/load/plan/gap_statistics.h"
#include "weir/base/error.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct LoadReport;

enum class Phase : std::uint8_t { warm_up, measured };

/// How a part stands, now.
struct PartState {
  std::uint64_t in_flight = 0;
  std::uint64_t queued = 0;  ///< due, without a connection
  Duration polled{};         ///< processor time spent waiting, since the beginning
};

/// Made anywhere, used on one shard.
class LoadPart {
 public:
  LoadPart() = default;
  LoadPart(const LoadPart&) = delete;
  LoadPart& operator=(const LoadPart&) = delete;
  virtual ~LoadPart() = default;

  /// Tries to open every connection. Those that fail are counted, and tried again later.
  [[nodiscard]] virtual Task<void> connect_all() = 0;
  /// After `connect_all`.
  [[nodiscard]] virtual std::uint32_t established() const noexcept = 0;

  /// Loads until `stop`, or until nothing is left to send and to wait for. Ends with every
  /// connection closed.
  [[nodiscard]] virtual Task<void> run() = 0;

  /// What is due from `time` on is measured, and the schedule begins then; before, what is sent
  /// warms up. Once, for all parts the same time, a little ahead.
  virtual void begin_measuring(TimePoint time) = 0;

  /// No new requests; what is missing after `patience` is given up for `reason`:
  /// `Error::deadline_exceeded`, or `Error::cancelled` for an interruption.
  virtual void stop(Duration patience, Error reason) noexcept = 0;

  /// Gives what was counted since the last time for `spare`, which is empty.
  virtual void swap_interval(Phase phase, std::unique_ptr<Interval>& spare) noexcept = 0;
  [[nodiscard]] virtual PartState state() const noexcept = 0;

  /// Of what the schedule had, for each `schedule_parts` on its own. When `run` has ended.
  [[nodiscard]] virtual const GapStatistics& gaps() const noexcept = 0;
  /// How many of those that take a schedule's requests in turn are here.
  [[nodiscard]] virtual std::size_t schedule_parts() const noexcept = 0;

  /// What intervals do not have. When `run` has ended.
  virtual void add_to(LoadReport& report) const = 0;
};

}  // namespace weir::tools::load
