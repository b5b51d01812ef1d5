// One shard's part of a run with datagrams: its sockets, and the clock that finds what is lost.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "tools/weir/load/engine/load_part.h"
#include "tools/weir/load/engine/shared_schedule.h"
#include "tools/weir/load/engine/udp_flow.h"
#include "weir/core/event.h"
#include "weir/core/scope.h"
#include "weir/core/task.h"

namespace weir::tools::load {

class UdpShard final : public LoadPart {
 public:
  /// \param first_socket  number of the first; they are numbered across shards
  UdpShard(const Options& options, std::uint32_t first_socket, std::uint32_t sockets);

  [[nodiscard]] Task<void> connect_all() override;
  [[nodiscard]] Task<void> run() override;
  /// What was sent is waited for, as long as `Options::lost_after` allows, whatever the patience.
  void stop(Duration patience, Error reason) noexcept override;
  void begin_measuring(TimePoint /*time*/) override { measuring_.set(); }
  void swap_interval(Phase phase, std::unique_ptr<Interval>& spare) noexcept override;
  [[nodiscard]] PartState state() const noexcept override;
  [[nodiscard]] std::uint32_t established() const noexcept override {
    return static_cast<std::uint32_t>(flows_.size());
  }
  [[nodiscard]] const GapStatistics& gaps() const noexcept override { return gaps_; }
  [[nodiscard]] std::size_t schedule_parts() const noexcept override { return socket_count_; }
  void add_to(LoadReport& report) const override;

 private:
  [[nodiscard]] static Task<void> tick(UdpShard* self);
  /// Of an open loop, once.
  void begin_schedule(TimePoint begin);

  const Options& options_;
  const std::uint32_t first_socket_;
  const std::uint32_t socket_count_;
  std::vector<std::unique_ptr<UdpFlow>> flows_;
  UdpTally tally_;
  std::optional<SharedSchedule> schedule_;
  Scope running_;
  Event measuring_;
  DatagramResult result_;
  GapStatistics gaps_;
};

}  // namespace weir::tools::load
