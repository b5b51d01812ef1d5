// StreamShard: one shard's part of a load over streams. Owns its connections, the dispatcher that
// they take requests from, and the task that offers them when they are due.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tools/weir/load/engine/connect_gate.h"
#include "tools/weir/load/engine/dispatcher.h"
#include "tools/weir/load/engine/idle_connections.h"
#include "tools/weir/load/engine/load_part.h"
#include "tools/weir/load/engine/pacer.h"
#include "tools/weir/load/engine/stream_connection.h"
#include "tools/weir/load/engine/tally.h"
#include "tools/weir/load/plan/gap_statistics.h"
#include "tools/weir/load/plan/schedule.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/task.h"

namespace weir::tools::load {

/// Which of the shards this is.
struct ShardPlace {
  unsigned id = 0;
  unsigned count = 1;
  std::uint32_t first_connection = 0;  ///< connections are numbered across shards
  std::uint32_t connections = 0;
  std::uint32_t idle_connections = 0;
};

class StreamShard final : public LoadPart {
 public:
  /// \param options   outlive the shard
  StreamShard(const Options& options, const ShardPlace& place);
  ~StreamShard() override;

  [[nodiscard]] Task<void> connect_all() override;
  [[nodiscard]] Task<void> run() override;
  void begin_measuring(TimePoint time) override;
  void stop(Duration patience, Error reason) noexcept override;
  void swap_interval(Phase phase, std::unique_ptr<Interval>& spare) noexcept override;
  [[nodiscard]] PartState state() const noexcept override;
  [[nodiscard]] std::uint32_t established() const noexcept override { return established_; }
  [[nodiscard]] const GapStatistics& gaps() const noexcept override { return gaps_; }
  [[nodiscard]] std::size_t schedule_parts() const noexcept override { return 1; }
  void add_to(LoadReport& report) const override;

  /// \name For its connections.
  /// @{
  [[nodiscard]] const Options& options() const noexcept { return options_; }
  [[nodiscard]] Tally& tally() noexcept { return tally_; }
  [[nodiscard]] Dispatcher& dispatcher() noexcept { return dispatcher_; }
  [[nodiscard]] ConnectGate& gate() noexcept { return gate_; }
  [[nodiscard]] Scope& tasks() noexcept { return tasks_; }
  [[nodiscard]] bool has_schedule() const noexcept { return options_.open.has_value(); }
  [[nodiscard]] bool is_measured(TimePoint due) const noexcept { return due >= measure_from_; }
  /// Of a closed loop: the number of one more request; none: there have been enough.
  [[nodiscard]] std::optional<std::uint64_t> take_number(TimePoint now) noexcept;
  /// A request was decided: perhaps the last one.
  void note_decided() noexcept;
  /// @}

 private:
  [[nodiscard]] static Task<void> offer_all(StreamShard* self);
  [[nodiscard]] Task<bool> offer_warm_up();
  [[nodiscard]] Task<void> offer_schedule();
  [[nodiscard]] static Task<void> tick(StreamShard* self);
  [[nodiscard]] static Task<void> give_up(StreamShard* self, Duration patience, Error reason);
  [[nodiscard]] Task<Result<void>> wait_for_turn(TimePoint due);
  [[nodiscard]] TimedRequest measured_request(const Due& due) const noexcept;
  void count_unoffered(Schedule& schedule, std::optional<Due> due);

  const Options& options_;
  const ShardPlace place_;
  Tally tally_;
  Dispatcher dispatcher_;
  Pacer pacer_;
  ConnectGate gate_;
  std::vector<std::unique_ptr<StreamConnection>> connections_;
  std::unique_ptr<IdleConnections> idle_;
  Scope running_;  ///< the connections
  Scope tasks_;    ///< what they started
  Scope offering_;
  TimePoint measure_from_ = TimePoint::max();
  unsigned offered_in_turn_ = 0;
  bool was_interrupted_ = false;
  bool has_ended_ = false;
  std::uint32_t established_ = 0;
  std::uint64_t nagle_stalls_ = 0;   ///< once `run` has ended
  std::uint64_t next_number_ = 0;    ///< of a closed loop
  std::uint64_t numbers_taken_ = 0;  ///< of those that are measured
  std::uint64_t numbers_max_ = UINT64_MAX;
  bool offering_over_ = false;
  GapStatistics gaps_;
};

}  // namespace weir::tools::load
