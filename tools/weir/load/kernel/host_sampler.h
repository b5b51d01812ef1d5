// HostSampler: what the host did during a run, for `HostUse`. Looks at the beginning, once a second
// and at the end.
//
//     made     who serves the target, on which processors: looks at the descriptors of all
//              processes, which may take a tenth of a second, so before there is load
//     begin    counters and clocks: half a millisecond, as `end`
//     sample   /proc/stat and the threads' clocks: tens of microseconds
//     end      the rest again; the differences are the result
//
// What the system does not tell, or tells in a way nobody knows, is left out. Any thread, one at a
// time.
#pragma once

#include <time.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/cli/target.h"
#include "tools/weir/load/kernel/cpu_affinity.h"
#include "tools/weir/load/kernel/cpu_times.h"
#include "tools/weir/load/kernel/host_use.h"
#include "tools/weir/load/kernel/kernel_counters.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {

/// A thread of the generator, as other threads of the process may look at it.
struct ShardThread {
  int tid = 0;
  ::clockid_t cpu_clock = CLOCK_THREAD_CPUTIME_ID;

  /// The calling thread.
  [[nodiscard]] static ShardThread current() noexcept;
  /// Processor time it has used; `nullopt` once it has ended.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> cpu_time() const noexcept;
};

/// Since the sample before, for the screen and the series of seconds.
struct HostSecond {
  double steal_share = 0;                    ///< of all CPUs' time
  double generator_cpu_share = 0;            ///< of one CPU, polling left out
  std::optional<double> server_cpu_share{};  ///< of one CPU
};

/// A second in which a shard is busier than this left answers waiting for it.
inline constexpr double busy_share_max = 0.9;

/// Begun once, then sampled, then ended once.
class HostSampler {
 public:
  /// \param shards  of which the busy shares are told, in this order
  HostSampler(SystemFiles files, const Target& target, std::vector<ShardThread> shards);

  /// \param polled  what each shard has spent waiting by polling up to now, which is no work; may
  ///                be shorter than the shards: the rest polled nothing
  void begin(TimePoint now, std::span<const Duration> polled);
  HostSecond sample(TimePoint now, std::span<const Duration> polled);
  [[nodiscard]] HostUse end(TimePoint now, std::span<const Duration> polled);

 private:
  /// Of one shard, since it began.
  struct Work {
    std::chrono::nanoseconds at_begin{};
    std::chrono::nanoseconds at_sample{};
  };

  [[nodiscard]] std::optional<bool> find_shared_cpus() const;
  [[nodiscard]] std::optional<CpuTimes> read_cpu_times() const;
  [[nodiscard]] std::optional<std::uint64_t> read_server_ticks() const;
  [[nodiscard]] std::optional<double> server_share(const std::optional<std::uint64_t>& before,
                                                   const std::optional<std::uint64_t>& after,
                                                   Duration time) const noexcept;
  [[nodiscard]] std::chrono::nanoseconds work_of(std::size_t shard,
                                                 std::span<const Duration> polled) const noexcept;
  double end_second(Duration length, std::span<const Duration> polled);

  const SystemFiles files_;
  std::vector<int> server_pids_;
  const std::vector<ShardThread> shards_;
  std::optional<bool> shares_cpus_;
  TimePoint begin_{};
  TimePoint sampled_{};
  std::optional<CpuTimes> cpu_at_begin_;
  std::optional<CpuTimes> cpu_at_sample_;
  std::optional<std::chrono::microseconds> pressure_at_begin_;
  std::optional<std::uint64_t> server_at_begin_;
  std::optional<std::uint64_t> server_at_sample_;
  KernelCounters counters_at_begin_;
  std::vector<Work> work_;
  std::uint64_t seconds_ = 0;
  std::uint64_t busy_seconds_ = 0;
};

}  // namespace weir::tools::load
