// Conductor: takes a run through its phases, on shard 0, and adds up what the parts count.
//
//     connect   every connection, once          none: that is the result
//     warm up   until steady, or as long as asked
//     measure   the schedule, or the duration; a sample a second, four with a screen
//     settle    no new requests; answers under way are waited for
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "tools/weir/load/engine/load_part.h"
#include "tools/weir/load/engine/measure.h"
#include "tools/weir/load/engine/warm_up.h"
#include "tools/weir/load/kernel/host_sampler.h"
#include "tools/weir/load/kernel/kernel_rtt_probe.h"
#include "weir/core/event.h"
#include "weir/core/task.h"

namespace weir::tools::load {

class Conductor {
 public:
  /// All outlive the conductor.
  Conductor(const Options& options, const RunSinks& sinks, LoadReport& report);

  [[nodiscard]] Task<void> run();

 private:
  /// Why a wait ended.
  enum class Woken : std::uint8_t { by_time, by_end, by_signal };

  void make_parts();
  [[nodiscard]] Task<void> connect();
  [[nodiscard]] static Task<void> conduct(Conductor* self);
  [[nodiscard]] static Task<void> watch_signals(Conductor* self);
  [[nodiscard]] Task<Woken> warm_up();
  [[nodiscard]] Task<Woken> measure();
  [[nodiscard]] Task<void> begin_measuring();
  [[nodiscard]] Task<Woken> wait_until(TimePoint time);
  [[nodiscard]] Task<void> take(Phase phase, Interval& into);
  [[nodiscard]] Task<bool> sample(TimePoint now);
  [[nodiscard]] Task<void> stop_all(Duration patience, Error reason);
  [[nodiscard]] Task<void> collect();
  void end_second(TimePoint now);
  void tell(TimePoint now, bool ends_second);
  void tell_warm_up(TimePoint began, const Interval& interval, Duration length);
  [[nodiscard]] bool is_to_abort();
  [[nodiscard]] PartState state_of_all() const noexcept;
  [[nodiscard]] std::vector<Duration> polled_by_shard() const;
  [[nodiscard]] Task<std::vector<ShardThread>> threads_of_shards();

  template <typename F>
  [[nodiscard]] Task<void> on_every_shard(F function);

  const Options& options_;
  const RunSinks& sinks_;
  LoadReport& report_;
  std::vector<std::unique_ptr<LoadPart>> parts_;
  std::vector<PartState> states_;  ///< when intervals were taken last
  std::unique_ptr<Interval> spare_;
  Interval all_;
  Interval second_;
  TimePoint begin_{};
  TimePoint second_began_{};
  TimePoint end_{};  ///< of what is measured; none: when the last answer came
  std::optional<HostSampler> host_;
  std::optional<KernelRttProbe> probe_;  ///< on shard 0, while it measures
  HostSecond host_second_;
  std::chrono::nanoseconds cpu_before_{};
  Event finished_;
};

}  // namespace weir::tools::load
