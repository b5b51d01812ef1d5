// One shard's part of a closed-loop run: its connections and what they count.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tools/weir/load/connection.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/semaphore.h"
#include "weir/core/task.h"

namespace weir::tools::load {

/// Made anywhere, used on one shard.
class LoadShard {
 public:
  /// \param first_connection  number of the first; they are numbered across shards
  LoadShard(const Options& options, std::uint32_t first_connection, std::uint32_t connections);
  LoadShard(const LoadShard&) = delete;
  LoadShard& operator=(const LoadShard&) = delete;

  /// Opens all connections, a bounded number at a time. Those that fail are counted.
  [[nodiscard]] Task<void> connect_all();

  /// Every connection sends and verifies until `stop`. Ends with every connection closed.
  [[nodiscard]] Task<void> run();

  /// No new requests; what is missing after `patience` is given up for `reason`:
  /// `Error::deadline_exceeded` counts it as timed out, `Error::cancelled` does not.
  void stop(Duration patience, Error reason) noexcept;

  /// Counts since the last call.
  [[nodiscard]] Interval take_interval();
  [[nodiscard]] const ErrorCounts& errors() const noexcept { return tally_.errors; }
  [[nodiscard]] std::uint32_t established() const noexcept { return established_; }

 private:
  [[nodiscard]] static Task<void> connect_one(LoadShard* self, std::uint32_t number,
                                              Semaphore* slots);
  [[nodiscard]] static Task<void> give_up(LoadShard* self);

  const Options& options_;
  const std::uint32_t first_connection_;
  const std::uint32_t connection_count_;
  std::vector<std::unique_ptr<Connection>> connections_;
  Tally tally_;
  Scope running_;
  Event stopped_;
  Duration patience_{};
  Error reason_ = Error::cancelled;
  std::uint32_t established_ = 0;
};

}  // namespace weir::tools::load
