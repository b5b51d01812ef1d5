#include "tools/weir/bench/rounds/compare_contenders.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tools/weir/bench/rounds/compare_samples.h"

namespace weir::tools::bench {
namespace {

bool is_weir(const ContenderResult& contender) { return contender.spec.role == Role::weir; }

/// Compares contenders of one case in one metric.
class MetricComparer {
 public:
  MetricComparer(CaseResult& result, const ComparedMetric& compared)
      : result_(result), compared_(compared) {
    for (const ContenderResult& contender : result.contenders) {
      if (contender.spec.role == Role::again) again_ = &contender;
    }
    const auto first = std::ranges::find_if(result.contenders, is_weir);
    if (first != result.contenders.end()) first_weir_ = &*first;
  }

  void compare() {
    const ContenderResult* const better = better_raw();
    for (const ContenderResult& one : result_.contenders) {
      if (one.spec.role == Role::weir) compare_weir(one, better);
    }
    const bool is_first = &compared_ == &result_.spec.compared.front();
    for (const ContenderResult& one : result_.contenders) {
      const Role role = one.spec.role;
      if (is_first && better != nullptr && &one != better &&
          (role == Role::raw || role == Role::floor || role == Role::library)) {
        add(one, *better, std::nullopt);
      }
    }
    if (again_ != nullptr && first_weir_ != nullptr) {
      const auto twice = ratio(*again_, *first_weir_);
      if (twice) result_.no_change.push_back(*twice);
    }
  }

 private:
  [[nodiscard]] const std::vector<double>& samples(const ContenderResult& contender) const {
    return contender.samples.of(compared_.metric);
  }

  void compare_weir(const ContenderResult& weir, const ContenderResult* better) {
    const CaseTargets& targets = compared_.targets;
    for (const ContenderResult& other : result_.contenders) {
      if (&other == &weir) continue;
      const bool is_own = other.spec.role == Role::raw && other.spec.backend == weir.spec.backend;
      if (&other == better) {
        const bool is_default = &weir == first_weir_;
        const bool is_there = add(weir, other,
                                  is_default ? targets.default_over_raw
                                  : is_own   ? targets.own_over_raw
                                             : std::nullopt);
        if (is_there) result_.comparisons.back().is_better_raw = true;
      } else if (is_own) {
        add(weir, other, targets.own_over_raw);
      } else if (other.spec.role == Role::library) {
        add(weir, other, targets.over_library);
      } else if (other.spec.role == Role::write_each) {
        add(weir, other, targets.over_write_each);
      } else if (other.spec.role == Role::floor ||
                 (other.spec.role == Role::build && other.spec.backend == weir.spec.backend)) {
        add(weir, other, std::nullopt);
      }
    }
  }

  [[nodiscard]] const ContenderResult* better_raw() const {
    const ContenderResult* best = nullptr;
    for (const ContenderResult& contender : result_.contenders) {
      if (contender.spec.role != Role::raw) continue;
      if (best == nullptr) {
        best = &contender;
        continue;
      }
      const auto against = load::paired_ratio(samples(contender), samples(*best));
      if (!against) continue;
      const bool is_lower = against->estimate < 1;
      if (is_lower == (better_when(compared_.metric) == load::BetterWhen::lower)) best = &contender;
    }
    return best;
  }

  [[nodiscard]] std::optional<SuiteComparison> ratio(const ContenderResult& numerator,
                                                     const ContenderResult& denominator) const {
    RoundSamples rounds{.numerator = samples(numerator), .denominator = samples(denominator)};
    if (again_ != nullptr && first_weir_ != nullptr) {
      rounds.once = samples(*first_weir_);
      rounds.again = samples(*again_);
    }
    auto compared = compare_samples(rounds, compared_.metric);
    if (!compared) return std::nullopt;
    compared->numerator = numerator.spec.name;
    compared->denominator = denominator.spec.name;
    return compared;
  }

  /// False if there is no ratio: one of them has no values that make one.
  bool add(const ContenderResult& numerator, const ContenderResult& denominator,
           std::optional<double> target) {
    auto compared = ratio(numerator, denominator);
    if (!compared) return false;
    compared->target = target;
    result_.comparisons.push_back(std::move(*compared));
    return true;
  }

  CaseResult& result_;
  const ComparedMetric& compared_;
  const ContenderResult* again_ = nullptr;
  const ContenderResult* first_weir_ = nullptr;
};

}  // namespace

void compare_contenders(CaseResult& result) {
  result.comparisons.clear();
  result.no_change.clear();
  for (const ComparedMetric& compared : result.spec.compared) {
    MetricComparer(result, compared).compare();
  }
}

}  // namespace weir::tools::bench
