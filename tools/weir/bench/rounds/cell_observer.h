// Looks at a server right before and right after the load of a cell, when it sleeps.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>

#include "tools/weir/bench/process/process_cost.h"
#include "tools/weir/bench/process/system_call_counter.h"

namespace weir::tools::bench {

class CellObserver {
 public:
  CellObserver() = default;
  CellObserver(const CellObserver&) = delete;
  CellObserver& operator=(const CellObserver&) = delete;
  virtual ~CellObserver() = default;

  /// Everything is connected and warm, and the server has fallen asleep.
  virtual void begin(pid_t server) = 0;
  /// The load is over, and the server has fallen asleep again.
  virtual void end(pid_t server) = 0;
};

/// Its processor time in between.
class CpuObserver : public CellObserver {
 public:
  void begin(pid_t server) override { start_ = settled_cpu_time_of(server); }
  void end(pid_t server) override { used_ = settled_cpu_time_of(server) - start_; }
  [[nodiscard]] std::chrono::nanoseconds used() const noexcept { return used_; }

 private:
  std::chrono::nanoseconds start_{};
  std::chrono::nanoseconds used_{};
};

/// Its system calls in between: in a run of its own, because counting slows a server down.
class CallObserver : public CellObserver {
 public:
  void begin(pid_t server) override {
    (void)settled_cpu_time_of(server);
    auto counter = SystemCallCounter::start(server);
    if (counter) counter_.emplace(std::move(*counter));
  }
  void end(pid_t server) override {
    (void)settled_cpu_time_of(server);
    if (counter_) calls_ = counter_->count();
    counter_.reset();
  }
  /// `nullopt` if they can't be counted here.
  [[nodiscard]] std::optional<std::uint64_t> calls() const noexcept { return calls_; }

 private:
  std::optional<SystemCallCounter> counter_;
  std::optional<std::uint64_t> calls_;
};

}  // namespace weir::tools::bench
