// The runtime: N shards, one thread each, made for the length of one `run`.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "weir/base/result.h"
#include "weir/core/backend_report.h"
#include "weir/core/log_sink.h"
#include "weir/core/shard.h"
#include "weir/core/task.h"

namespace weir {

/// CPUs to pin shards to, in order; more shards than CPUs go round again. Empty: not pinned.
class CpuList {
 public:
  static constexpr std::size_t cpus_max = 256;
  constexpr CpuList() = default;
  constexpr CpuList(std::initializer_list<int> cpus) noexcept {
    for (const int cpu : cpus) add(cpu);
  }
  /// False, and unchanged, if the list is full or the number is not in [0, 32767].
  constexpr bool add(int cpu) noexcept {
    if (size_ == cpus_max || cpu < 0 || cpu > 32767) return false;
    cpus_[size_++] = static_cast<std::int16_t>(cpu);
    return true;
  }
  [[nodiscard]] constexpr std::size_t size() const noexcept { return size_; }
  [[nodiscard]] constexpr bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] constexpr int operator[](std::size_t index) const noexcept { return cpus_[index]; }

 private:
  std::array<std::int16_t, cpus_max> cpus_{};
  std::size_t size_ = 0;
};

/// What SIGINT and SIGTERM do while a runtime runs.
enum class SignalPolicy : std::uint8_t {
  drain,  ///< the first drains, the second cancels at once; blocked in every thread meanwhile
  leave,  ///< nothing: the program deals with them
};

/// Trivially destructible, so that it is safe inside any expression.
struct RuntimeOptions {
  unsigned shards = 1;  ///< 1 to 256
  Backend backend = Backend::automatic;
  CpuList cpus{};
  std::size_t buffer_budget_bytes = std::size_t{64} << 20;  ///< a shard; receiving pauses beyond it
  Duration spin{};  ///< poll this long before blocking; 0: see `adaptive`; max: never block
  /// May try out on its own load what costs less processor time, and do that: to poll for a short
  /// while (`Shard::spin_tried`) or to block at once, unless `spin` is given or there are more
  /// shards than processors; and with io_uring, how to make many sends. An idle shard sleeps all
  /// the same. false: it polls for `spin` and no longer, and many sends go through the ring.
  bool adaptive = true;
  Duration drain_timeout = std::chrono::seconds(10);  ///< from the first signal to cancellation
  SignalPolicy signals = SignalPolicy::drain;
  LogSink log{};  ///< none unless given: the runtime says nothing
};

namespace detail {
struct RuntimeStarter;
struct ShardDeleter {
  void operator()(Shard* shard) const noexcept;
};
}  // namespace detail

class Runtime {
 public:
  static constexpr unsigned shards_max = 256;

  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  /// The runtime of this thread's shard. Precondition: `Shard::on_shard()`.
  [[nodiscard]] static Runtime& current() noexcept { return Shard::current().runtime(); }

  [[nodiscard]] unsigned shard_count() const noexcept {
    return static_cast<unsigned>(shards_.size());
  }
  [[nodiscard]] Shard& shard(unsigned id) noexcept {
    WEIR_ASSERT(id < shards_.size());
    return *shards_[id];
  }
  [[nodiscard]] const BackendReport& backend_report() const noexcept { return report_; }
  [[nodiscard]] const RuntimeOptions& options() const noexcept { return options_; }

  /// Begins the two-phase drain, as SIGTERM would: listeners stop accepting and every served
  /// connection reads to the end of what has arrived; at `drain_timeout` what still runs is
  /// cancelled. Any thread; further calls have no effect.
  void drain() noexcept;

  /// Cancels main, and with it everything, at once. Shard 0's thread only.
  void cancel() noexcept;

  /// For the library: true once, for whoever is to log this run's first Nagle stall. Any thread.
  [[nodiscard]] bool claim_nagle_line() noexcept {
    return !nagle_line_claimed_.exchange(true, std::memory_order_relaxed);
  }

 private:
  friend struct detail::RuntimeStarter;

  struct Start;

  Runtime(const RuntimeOptions& options, BackendReport report);
  ~Runtime();

  Result<void> run_until_complete(Task<void> main);
  void run_shard(Shard& shard, Start& start, Task<void> main) noexcept;

  const RuntimeOptions options_;
  const BackendReport report_;
  std::vector<std::unique_ptr<Shard, detail::ShardDeleter>> shards_;
  std::atomic<bool> drain_requested_ = false;
  std::atomic<bool> nagle_line_claimed_ = false;
  CancelDomain main_domain_;
};

}  // namespace weir
