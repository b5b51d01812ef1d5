#include "tools/weir/load/report/second_series.h"

#include <algorithm>

namespace weir::tools::load {

void SecondSummary::merge(const SecondSummary& later) noexcept {
  offered += later.offered;
  sent += later.sent;
  answered += later.answered;
  errors += later.errors;
  lost += later.lost;
  dropped += later.dropped;
  in_flight = later.in_flight;
  queued = later.queued;
  p50 = std::max(p50, later.p50);
  p90 = std::max(p90, later.p90);
  p99 = std::max(p99, later.p99);
  p999 = std::max(p999, later.p999);
  max = std::max(max, later.max);
  send_lag_p99 = std::max(send_lag_p99, later.send_lag_p99);
  generator_cpu_share = (generator_cpu_share + later.generator_cpu_share) / 2;
  steal_share = (steal_share + later.steal_share) / 2;
}

void SecondSeries::push_back(const SecondSummary& second) {
  // Pairs only, so that means of means weigh alike: each row is a balanced tree of its seconds.
  if (unfinished_seconds_ == 0) {
    unfinished_ = second;
  } else {
    unfinished_.merge(second);
  }
  if (++unfinished_seconds_ < row_length_.count()) return;
  unfinished_seconds_ = 0;
  rows_.push_back(unfinished_);
  if (rows_.size() == rows_max) halve();
}

void SecondSeries::halve() {
  for (std::size_t i = 0; i < rows_.size() / 2; ++i) {
    rows_[i] = rows_[2 * i];
    rows_[i].merge(rows_[2 * i + 1]);
  }
  rows_.resize(rows_.size() / 2);
  row_length_ *= 2;
}

}  // namespace weir::tools::load
