// Latencies of which some are known only to be at least so long: requests that timed out, or were
// still unanswered when the run ended. They count at their age instead of being dropped.
#pragma once

#include <algorithm>
#include <cstdint>

#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

struct BoundedValue {
  std::uint64_t value = 0;
  bool is_lower_bound = false;  ///< the true value is this or more
};

class CensoredHistogram {
 public:
  void record(std::uint64_t value) noexcept { all_.record(value); }
  /// It took at least `age`.
  void record_censored(std::uint64_t age) noexcept {
    all_.record(age);
    ++censored_count_;
    censored_min_ = std::min(censored_min_, age);
  }
  void merge(const CensoredHistogram& other) noexcept {
    all_.merge(other.all_);
    censored_count_ += other.censored_count_;
    censored_min_ = std::min(censored_min_, other.censored_min_);
  }
  void reset() noexcept {
    all_.reset();
    censored_count_ = 0;
    censored_min_ = UINT64_MAX;
  }

  [[nodiscard]] std::uint64_t count() const noexcept { return all_.count(); }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::uint64_t censored_count() const noexcept { return censored_count_; }
  /// Censored ones at their age.
  [[nodiscard]] const Histogram& all() const noexcept { return all_; }
  [[nodiscard]] BoundedValue percentile(double percentile) const noexcept {
    const std::uint64_t value = all_.value_at_percentile(percentile);
    return {.value = value, .is_lower_bound = value >= censored_min_};
  }

 private:
  Histogram all_;
  std::uint64_t censored_count_ = 0;
  std::uint64_t censored_min_ = UINT64_MAX;
};

}  // namespace weir::tools::load
