// One shard's part of a run: its connections and what they count. Streams and datagrams each have
// theirs; `measure` conducts them alike.
#pragma once

#include <cstdint>

#include "tools/weir/load/engine/error_counts.h"
#include "tools/weir/load/engine/interval.h"
#include "weir/base/error.h"
#include "weir/core/task.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

struct LoadReport;

/// Made anywhere, used on one shard.
class LoadPart {
 public:
  LoadPart() = default;
  LoadPart(const LoadPart&) = delete;
  LoadPart& operator=(const LoadPart&) = delete;
  virtual ~LoadPart() = default;

  /// Opens all connections. Those that fail are counted.
  [[nodiscard]] virtual Task<void> connect_all() = 0;

  /// Every connection sends and verifies until `stop`. Ends with every connection closed.
  [[nodiscard]] virtual Task<void> run() = 0;

  /// No new requests; what is missing after `patience` is given up for `reason`:
  /// `Error::deadline_exceeded` counts it as timed out, `Error::cancelled` does not.
  virtual void stop(Duration patience, Error reason) noexcept = 0;

  /// Counts since the last call.
  [[nodiscard]] virtual Interval take_interval() = 0;
  [[nodiscard]] virtual std::uint32_t established() const noexcept = 0;

  /// What intervals do not have. When `run` has ended.
  virtual void add_to(LoadReport& report) const = 0;
};

}  // namespace weir::tools::load
