#include "tools/weir/load/stats/censored_histogram.h"

#include <algorithm>
#include <utility>

#include "weir/base/assert.h"

namespace weir::tools::load {

std::optional<CensoredHistogram> CensoredHistogram::from_parts(Histogram all, Histogram censored) {
  if (all.range() != censored.range()) return std::nullopt;
  const bool is_part =
      std::equal(censored.counts().begin(), censored.counts().end(), all.counts().begin(),
                 [](std::uint64_t some, std::uint64_t whole) { return some <= whole; });
  if (!is_part) return std::nullopt;
  CensoredHistogram both;
  both.all_ = std::move(all);
  both.censored_ = std::move(censored);
  return both;
}

void CensoredHistogram::merge(const CensoredHistogram& other) noexcept {
  all_.merge(other.all_);
  censored_.merge(other.censored_);
}

void CensoredHistogram::reset() noexcept {
  all_.reset();
  censored_.reset();
}

CensoredValue CensoredHistogram::percentile(double percentile) const noexcept {
  return value_at_rank(all_.rank_of_percentile(percentile));
}

CensoredValue CensoredHistogram::value_at_rank(std::uint64_t rank) const noexcept {
  if (empty()) return {};
  const std::uint64_t wanted = std::clamp<std::uint64_t>(rank, 1, count());
  const std::uint64_t lower = all_.value_at_rank(wanted);
  if (censored_.empty()) return {lower, false, lower};

  const std::optional<std::uint64_t> upper = answered_at_rank(wanted);
  const bool is_known = upper && all_.index_of(*upper) == all_.index_of(lower);
  if (is_known) return {lower, false, lower};
  return {lower, true, upper};
}

std::optional<std::uint64_t> CensoredHistogram::answered_at_rank(
    std::uint64_t rank) const noexcept {
  if (rank > count() - censored_count()) return std::nullopt;
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < all_.counts().size(); ++index) {
    seen += all_.counts()[index] - censored_.counts()[index];
    if (seen >= rank) return std::min(all_.highest_at(index), all_.max());
  }
  return std::nullopt;
}

void CensoredHistogram::check_invariants() const noexcept {
  all_.check_invariants();
  censored_.check_invariants();
  WEIR_ASSERT(censored_.count() <= all_.count());
  for (std::size_t index = 0; index < all_.counts().size(); ++index) {
    WEIR_ASSERT(censored_.counts()[index] <= all_.counts()[index]);
  }
}

}  // namespace weir::tools::load
