#include "tools/weir/bench/report/suite_markdown.h"

#include <fmt/format.h>

#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/library_versions.h"
#include "tools/weir/common/version.h"

namespace weir::tools::bench {
namespace {

std::string metric_table(const CaseResult& result, SuiteMetric metric) {
  std::string rows;
  for (const SuiteComparison& comparison : result.comparisons) {
    if (comparison.metric != metric) continue;
    rows += fmt::format("| {} | {} | {} |\n", pair_text(comparison), ratio_text(comparison.ratio),
                        standing_text(comparison));
  }
  if (rows.empty()) return {};
  for (const SuiteComparison& twice : result.no_change) {
    if (twice.metric != metric) continue;
    rows += fmt::format("| A/A | {} | {} |\n", ratio_text(twice.ratio), noise_text(twice));
  }
  return fmt::format("| {} | ratio [95 %] | |\n|---|---|---|\n{}\n",
                     metric_text(metric, result.spec.unit), rows);
}

std::string markdown_contenders(const CaseResult& result) {
  const ComparedMetric& first = result.spec.compared.front();
  std::string text =
      fmt::format("| | {} | {}s/s | CPU ns | system calls |\n|---|---|---|---|---|\n",
                  to_text(first.metric), result.spec.unit);
  for (const ContenderResult& contender : result.contenders) {
    const Samples& samples = contender.samples;
    text += fmt::format("| {} | {:.0f} | {:.0f} | {:.0f} | {} |\n", contender.spec.name,
                        samples.median(first.metric), samples.median(SuiteMetric::rate),
                        samples.median(SuiteMetric::cpu),
                        contender.calls ? fmt::format("{:.3f}", *contender.calls) : "-");
  }
  return text + "\n";
}

}  // namespace

std::string suite_markdown(const SuiteResult& result, const std::string& machine,
                           const std::string& command) {
  std::string text = fmt::format("`{}`: {}, {}{}.\n\n", command, machine, rounds_text(result),
                                 result.is_realtime ? ", real-time priority" : "");
  text +=
      fmt::format("{}, compiled with `{}`; {}.\n\n", version_line(), build_flags(), library_line());
  for (const NetworkInterface& one : result.machine.interfaces) {
    text += fmt::format("- Network interface {}\n", network_interface_text(one));
  }
  if (!result.machine.interfaces.empty()) text += "\n";
  std::string suite;
  for (const CaseResult& one : result.cases) {
    if (one.spec.suite != suite) text += fmt::format("## {}\n\n", one.spec.suite);
    suite = one.spec.suite;
    text += fmt::format("### {}: {}\n\n", one.spec.name, one.spec.title);
    if (!one.failure.empty()) text += fmt::format("Failed: {}.\n\n", one.failure);
    if (one.rounds == 0) continue;
    text += markdown_contenders(one);
    for (const ComparedMetric& compared : one.spec.compared) {
      text += metric_table(one, compared.metric);
    }
    for (const std::string& sentence : limit_sentences(one))
      text += fmt::format("- {}\n", sentence);
    for (const std::string& note : one.notes) text += fmt::format("- Note: {}\n", note);
    if (!one.notes.empty() || !one.spec.limits.empty()) text += "\n";
  }
  if (!result.means.empty()) {
    text += "## Geometric means\n\n| suite | | ratio [95 %] | over | |\n|---|---|---|---|---|\n";
  }
  for (const SuiteMean& mean : result.means) {
    const SuiteComparison& one = mean.comparison;
    text +=
        fmt::format("| {}, {} | {} | {} | {} | {} |\n", mean.suite, title_of(one.metric),
                    pair_text(one), ratio_text(one.ratio), cases_text(mean), standing_text(one));
  }
  for (const std::string& reason : result.left_out)
    text += fmt::format("\nLeft out: {}.\n", reason);
  return text;
}

}  // namespace weir::tools::bench
