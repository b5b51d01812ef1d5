// One shard's part of a closed-loop run over streams: its connections and what they count.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tools/weir/load/engine/connection.h"
#include "tools/weir/load/engine/load_part.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/semaphore.h"
#include "weir/core/task.h"

namespace weir::tools::load {

class LoadShard final : public LoadPart {
 public:
  /// \param first_connection  number of the first; they are numbered across shards
  LoadShard(const Options& options, std::uint32_t first_connection, std::uint32_t connections);

  /// A bounded number at a time.
  [[nodiscard]] Task<void> connect_all() override;
  [[nodiscard]] Task<void> run() override;
  void stop(Duration patience, Error reason) noexcept override;
  [[nodiscard]] Interval take_interval() override;
  [[nodiscard]] std::uint32_t established() const noexcept override { return established_; }
  void add_to(LoadReport& report) const override;

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
