// Latencies of which some are only known to be at least so long: a request that timed out, or that
// was still pending when the run ended, enters at its age. Leaving it out would flatter the server:
// the worst requests would be the ones that do not count.
//
// A censored sample of age a may in truth be anything from a up, so each percentile is a value
// between two bounds, which need no assumption about what the missing answers would have done:
//
//     lower   every censored sample ends at its age:  the sample of that rank among all
//     upper   every censored sample never ends:       the sample of that rank among the answered
//             ones, or none if there are not that many
//
// Where both fall into the same bucket the percentile is known. Otherwise it is a lower bound, and
// reports print ">= 5 s". So a percentile above all answered ranks is a bound without upper end;
// one whose rank is passed by answered samples alone is known, whatever was censored above it; and
// a young censored sample below it shifts it by one rank, which matters where samples are sparse
// and does not where a bucket holds many. Kaplan and Meier's estimate of one value in between is
// refused: it supposes that censoring has nothing to do with latency, but a timeout has.
#pragma once

#include <cstdint>
#include <optional>

#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

struct CensoredValue {
  std::uint64_t value = 0;                   ///< known, or the lower bound
  bool is_lower_bound = false;               ///< the truth may be larger
  std::optional<std::uint64_t> upper_bound;  ///< but not larger than this; none: by any amount

  bool operator==(const CensoredValue&) const = default;
};

/// Invariant: each counter of the censored samples is at most that of all samples.
class CensoredHistogram {
 public:
  explicit CensoredHistogram(const HistogramRange& range = {}) : all_(range), censored_(range) {}

  /// Puts together what `all()` and `censored()` gave, perhaps long ago. `nullopt` if they are not
  /// of one range, or more is censored somewhere than there is.
  [[nodiscard]] static std::optional<CensoredHistogram> from_parts(Histogram all,
                                                                   Histogram censored);

  void record(std::uint64_t value) noexcept { all_.record(value); }
  /// A sample that is at least `age`.
  void record_censored(std::uint64_t age) noexcept {
    all_.record(age);
    censored_.record(age);
  }

  /// Adds all of `other`, which must have the same range. Exact.
  void merge(const CensoredHistogram& other) noexcept;
  void reset() noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return all_.count(); }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::uint64_t censored_count() const noexcept { return censored_.count(); }

  /// As `Histogram::value_at_percentile`; 0 and known while empty.
  [[nodiscard]] CensoredValue percentile(double percentile) const noexcept;
  /// As `Histogram::value_at_rank`.
  [[nodiscard]] CensoredValue value_at_rank(std::uint64_t rank) const noexcept;
  /// A lower bound as soon as anything is censored.
  [[nodiscard]] CensoredValue max() const noexcept { return value_at_rank(count()); }

  /// Every sample, censored ones at their age: what an .hlog file gets, and the means of which are
  /// lower bounds.
  [[nodiscard]] const Histogram& all() const noexcept { return all_; }
  [[nodiscard]] const Histogram& censored() const noexcept { return censored_; }

  void check_invariants() const noexcept;

 private:
  /// The end of the bucket with the answered sample of this rank, counted without the censored.
  [[nodiscard]] std::optional<std::uint64_t> answered_at_rank(std::uint64_t rank) const noexcept;

  Histogram all_;
  Histogram censored_;
};

}  // namespace weir::tools::load
