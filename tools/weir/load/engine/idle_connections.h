// Connections that only exist: opened in bulk, and then left alone, to see what they cost the
// server. What it sends on them is read and dropped; that it ends one is counted.
#pragma once

#include <cstdint>

#include "tools/weir/load/engine/connection_counts.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/task.h"

namespace weir::tools::load {

class StreamShard;

class IdleConnections {
 public:
  IdleConnections(std::uint32_t count, std::uint32_t first_number, StreamShard& shard)
      : count_(count), first_number_(first_number), shard_(shard) {}

  /// Tries each once.
  [[nodiscard]] Task<void> open_all();
  /// Those that are being opened are given up.
  void stop_opening() noexcept {
    closing_ = true;
    held_.cancel();
  }
  /// Ends them all.
  [[nodiscard]] Task<void> close_all();

  void add_to(ConnectionCounts& counts) const noexcept;

 private:
  [[nodiscard]] static Task<void> hold(IdleConnections* self, std::uint32_t number);

  std::uint32_t count_;
  std::uint32_t first_number_;
  StreamShard& shard_;
  Scope held_;
  Event all_tried_;
  std::uint32_t undecided_ = 0;
  std::uint32_t established_ = 0;
  std::uint32_t broken_ = 0;
  bool closing_ = false;
};

}  // namespace weir::tools::load
