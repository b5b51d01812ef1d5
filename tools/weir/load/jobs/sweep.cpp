#include "tools/weir/load/jobs/sweep.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "tools/weir/load/jobs/load_at_rate.h"

namespace weir::tools::load {
namespace {

/// One more shows what overload looks like; beyond it there is nothing to see.
constexpr int saturated_max = 2;

}  // namespace

std::expected<SweepResult, std::string> sweep(const Options& options, std::vector<double> rates,
                                              const Runner& run,
                                              const std::function<void(const LoadReport&)>& told) {
  std::sort(rates.begin(), rates.end());
  rates.erase(std::unique(rates.begin(), rates.end()), rates.end());
  SweepResult result;
  int saturated_in_a_row = 0;
  std::size_t next = 0;
  while (next < rates.size() && result.end == SweepEnd::complete) {
    auto report = run(load_at_rate(options, rates[next], options.duration));
    if (!report) return std::unexpected(report.error());
    ++next;
    const bool is_silent = verdict_of(*report) == Verdict::nothing_succeeded;
    const bool is_limit = is_silent || is_saturated(*report);
    saturated_in_a_row = is_limit ? saturated_in_a_row + 1 : 0;
    if (report->interrupted) {
      result.end = SweepEnd::interrupted;
      if (is_silent) break;
    } else if (is_silent && result.reports.empty()) {
      result.end = SweepEnd::nothing_succeeded;
    } else if (saturated_in_a_row == saturated_max && next < rates.size()) {
      result.end = SweepEnd::saturated;
    }
    result.reports.push_back(*std::move(report));
    if (told) told(result.reports.back());
  }
  result.left_out.assign(rates.begin() + static_cast<std::ptrdiff_t>(next), rates.end());
  return result;
}

}  // namespace weir::tools::load
