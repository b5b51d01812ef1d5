#include "tools/weir/bench/rounds/compare_contenders.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

namespace weir::tools::bench {
namespace {

using load::PairedComparison;
using load::PairedRatio;

PairedRatio inverse(const PairedRatio& ratio) {
  return {.estimate = 1 / ratio.estimate,
          .low = 1 / ratio.high,
          .high = 1 / ratio.low,
          .pairs = ratio.pairs};
}

load::ComparisonVerdict opposite(load::ComparisonVerdict verdict) {
  switch (verdict) {
    case load::ComparisonVerdict::faster:
      return load::ComparisonVerdict::slower;
    case load::ComparisonVerdict::slower:
      return load::ComparisonVerdict::faster;
    default:
      return verdict;
  }
}

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
        add(weir, other,
            is_default ? targets.default_over_raw
            : is_own   ? targets.own_over_raw
                       : std::nullopt);
        result_.comparisons.back().is_better_raw = true;
      } else if (is_own) {
        add(weir, other, targets.own_over_raw);
      } else if (other.spec.role == Role::library) {
        add(weir, other, targets.over_library);
      } else if (other.spec.role == Role::build && other.spec.backend == weir.spec.backend) {
        add(weir, other, std::nullopt);
      } else if (other.spec.role == Role::write_each) {
        add(weir, other, targets.over_write_each);
      } else if (other.spec.role == Role::floor) {
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

  /// What differed between the two names of one program in each round, as if it had happened to
  /// `contender`: the noise of a round is the machine's, whoever it hits.
  [[nodiscard]] std::vector<double> twin_of(const ContenderResult& contender) const {
    if (again_ == nullptr || first_weir_ == nullptr) return {};
    const std::vector<double>& once = samples(*first_weir_);
    const std::vector<double>& again = samples(*again_);
    std::vector<double> twin = samples(contender);
    if (once.size() != twin.size() || again.size() != twin.size()) return {};
    for (std::size_t i = 0; i < twin.size(); ++i) twin[i] *= again[i] / once[i];
    return twin;
  }

  [[nodiscard]] std::optional<SuiteComparison> ratio(const ContenderResult& numerator,
                                                     const ContenderResult& denominator) const {
    const std::vector<double> twin = twin_of(numerator);
    const auto compared = load::compare_pairs({.a = samples(numerator),
                                               .b = samples(denominator),
                                               .a_again = twin,
                                               .better = better_when(compared_.metric)});
    if (!compared) return std::nullopt;
    return SuiteComparison{.numerator = numerator.spec.name,
                           .denominator = denominator.spec.name,
                           .metric = compared_.metric,
                           .ratio = inverse(compared->ratio),
                           .verdict = opposite(compared->verdict)};
  }

  void add(const ContenderResult& numerator, const ContenderResult& denominator,
           std::optional<double> target) {
    auto compared = ratio(numerator, denominator);
    if (!compared) return;
    compared->target = target;
    result_.comparisons.push_back(std::move(*compared));
  }

  CaseResult& result_;
  const ComparedMetric& compared_;
  const ContenderResult* again_ = nullptr;
  const ContenderResult* first_weir_ = nullptr;
};

Role role_of(const CaseResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.contenders, name,
                                       [](const ContenderResult& it) { return it.spec.name; });
  return found == result.contenders.end() ? Role::floor : found->spec.role;
}

}  // namespace

std::string_view to_text(TargetVerdict verdict) noexcept {
  static constexpr std::array<std::string_view, 4> words = {"met", "met, within noise",
                                                            "missed, within noise", "missed"};
  return words[static_cast<std::size_t>(verdict)];
}

TargetVerdict judge(const PairedRatio& ratio, double limit, load::BetterWhen better) noexcept {
  const PairedRatio low = better == load::BetterWhen::lower ? ratio : inverse(ratio);
  const double at_most = better == load::BetterWhen::lower ? limit : 1 / limit;
  if (low.high <= at_most) return TargetVerdict::met;
  if (low.low > at_most) return TargetVerdict::missed;
  return low.estimate <= at_most ? TargetVerdict::met_within_noise
                                 : TargetVerdict::missed_within_noise;
}

void compare_contenders(CaseResult& result) {
  for (const ComparedMetric& compared : result.spec.compared) {
    MetricComparer(result, compared).compare();
  }
}

std::vector<SuiteMean> means_of(std::span<const CaseResult> cases) {
  using Key = std::tuple<std::string, std::string, std::string, SuiteMetric>;
  struct Sum {
    double logs = 0;
    std::size_t cases = 0;
    std::optional<double> target{};
  };
  std::map<Key, Sum> sums;
  for (const CaseResult& one : cases) {
    for (const ComparedMetric& compared : one.spec.compared) {
      if (!compared.targets.over_library) continue;  // libraries are only shown there
      for (const SuiteComparison& comparison : one.comparisons) {
        if (comparison.metric != compared.metric) continue;
        if (role_of(one, comparison.numerator) != Role::weir ||
            role_of(one, comparison.denominator) != Role::library) {
          continue;
        }
        Sum& sum =
            sums[{one.spec.suite, comparison.numerator, comparison.denominator, comparison.metric}];
        sum.logs += std::log(comparison.ratio.estimate);
        ++sum.cases;
        sum.target = compared.targets.mean_over_library;
      }
    }
  }
  std::vector<SuiteMean> means;
  for (const auto& [key, sum] : sums) {
    const auto& [suite, numerator, denominator, metric] = key;
    means.push_back({.suite = suite,
                     .numerator = numerator,
                     .denominator = denominator,
                     .metric = metric,
                     .ratio = std::exp(sum.logs / static_cast<double>(sum.cases)),
                     .cases = sum.cases,
                     .target = sum.target});
  }
  return means;
}

}  // namespace weir::tools::bench
