#include "tools/weir/bench/rounds/suite_means.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <tuple>
#include <utility>

#include "tools/weir/bench/rounds/compare_samples.h"

namespace weir::tools::bench {
namespace {

/// The samples of one contender in each case.
using CaseSamples = std::vector<const std::vector<double>*>;

/// What a mean is made of.
struct MeanParts {
  CaseSamples numerators{};
  CaseSamples denominators{};
  CaseSamples once{};
  CaseSamples again{};
  std::optional<double> target{};
};

const ContenderResult* contender_named(const CaseResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.contenders, name,
                                       [](const ContenderResult& it) { return it.spec.name; });
  return found == result.contenders.end() ? nullptr : &*found;
}

const ContenderResult* first_in_role(const CaseResult& result, Role role) {
  const auto found = std::ranges::find(result.contenders, role,
                                       [](const ContenderResult& it) { return it.spec.role; });
  return found == result.contenders.end() ? nullptr : &*found;
}

/// Round by round, over the cases; none if a case has no samples.
std::vector<double> geometric_means(const CaseSamples& cases) {
  if (cases.empty()) return {};
  std::size_t rounds = cases.front()->size();
  for (const auto* one : cases) rounds = std::min(rounds, one->size());
  std::vector<double> means;
  for (std::size_t round = 0; round < rounds; ++round) {
    double logs = 0;
    for (const auto* one : cases) logs += std::log((*one)[round]);
    means.push_back(std::exp(logs / static_cast<double>(cases.size())));
  }
  return means;
}

void add_case(MeanParts& parts, const CaseResult& result, const ContenderResult& numerator,
              const ContenderResult& denominator, SuiteMetric metric) {
  parts.numerators.push_back(&numerator.samples.of(metric));
  parts.denominators.push_back(&denominator.samples.of(metric));
  const ContenderResult* const once = first_in_role(result, Role::weir);
  const ContenderResult* const again = first_in_role(result, Role::again);
  if (once == nullptr || again == nullptr) return;
  parts.once.push_back(&once->samples.of(metric));
  parts.again.push_back(&again->samples.of(metric));
}

std::optional<SuiteComparison> compare_means(const MeanParts& parts, SuiteMetric metric) {
  const bool is_twice_in_all = parts.again.size() == parts.numerators.size();
  const std::vector<double> numerator = geometric_means(parts.numerators);
  const std::vector<double> denominator = geometric_means(parts.denominators);
  const std::vector<double> once = geometric_means(parts.once);
  const std::vector<double> again = geometric_means(parts.again);
  RoundSamples samples{.numerator = numerator, .denominator = denominator};
  if (is_twice_in_all) {
    samples.once = once;
    samples.again = again;
  }
  return compare_samples(samples, metric);
}

/// The one that weir is held against; none without a raw loop.
const ContenderResult* better_raw_of(const CaseResult& result, SuiteMetric metric) {
  const auto found = std::ranges::find_if(result.comparisons, [&](const SuiteComparison& it) {
    return it.is_better_raw && it.metric == metric;
  });
  return found == result.comparisons.end() ? nullptr : contender_named(result, found->denominator);
}

using Key = std::tuple<std::string, std::string, std::string, SuiteMetric>;

void add_better_raw(std::map<Key, MeanParts>& all, const CaseResult& result, SuiteMetric metric) {
  const ContenderResult* const raw = better_raw_of(result, metric);
  if (raw == nullptr) return;
  for (const ContenderResult& library : result.contenders) {
    if (library.spec.role != Role::library) continue;
    MeanParts& parts = all[{result.spec.suite, "better raw loop", library.spec.name, metric}];
    add_case(parts, result, *raw, library, metric);
  }
}

}  // namespace

std::vector<SuiteMean> means_of(std::span<const CaseResult> cases) {
  std::map<Key, MeanParts> all;
  std::map<std::string, std::size_t> failed;
  for (const CaseResult& one : cases) {
    if (!one.failure.empty()) {
      ++failed[one.spec.suite];
      continue;
    }
    for (const ComparedMetric& compared : one.spec.compared) {
      if (!compared.targets.over_library) continue;  // libraries are only shown there
      add_better_raw(all, one, compared.metric);
      for (const SuiteComparison& it : one.comparisons) {
        if (it.metric != compared.metric) continue;
        const ContenderResult* const numerator = contender_named(one, it.numerator);
        const ContenderResult* const denominator = contender_named(one, it.denominator);
        if (numerator == nullptr || denominator == nullptr || numerator->spec.role != Role::weir ||
            denominator->spec.role != Role::library) {
          continue;
        }
        MeanParts& parts = all[{one.spec.suite, it.numerator, it.denominator, it.metric}];
        add_case(parts, one, *numerator, *denominator, it.metric);
        parts.target = compared.targets.mean_over_library;
      }
    }
  }
  std::vector<SuiteMean> means;
  for (const auto& [key, parts] : all) {
    const auto& [suite, numerator, denominator, metric] = key;
    auto compared = compare_means(parts, metric);
    if (!compared) continue;
    compared->numerator = numerator;
    compared->denominator = denominator;
    compared->target = parts.target;
    means.push_back({.suite = suite,
                     .comparison = *std::move(compared),
                     .cases = parts.numerators.size(),
                     .failed = failed[suite]});
  }
  return means;
}

}  // namespace weir::tools::bench
