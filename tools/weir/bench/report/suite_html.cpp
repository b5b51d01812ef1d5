#include "tools/weir/bench/report/suite_html.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/doctor/doctor_text.h"
#include "tools/weir/bench/report/latency_curves.h"
#include "tools/weir/bench/report/ratio_chart.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/bench/rounds/target_verdict.h"
#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/library_versions.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/shell_words.h"
#include "tools/weir/common/version.h"
#include "tools/weir/load/report/html_page.h"
#include "tools/weir/load/report/html_text.h"

namespace weir::tools::bench {
namespace {

using load::html_escaped;

struct HtmlColumn {
  SuiteMetric metric;
  const char* head;
  int decimals;
};

constexpr std::array html_columns = {
    HtmlColumn{.metric = SuiteMetric::rate, .head = "a second", .decimals = 0},
    HtmlColumn{.metric = SuiteMetric::cpu, .head = "CPU ns", .decimals = 0},
    HtmlColumn{.metric = SuiteMetric::client_cpu, .head = "client CPU ns", .decimals = 0},
    HtmlColumn{.metric = SuiteMetric::p50, .head = "p50 us", .decimals = 1},
    HtmlColumn{.metric = SuiteMetric::p99, .head = "p99 us", .decimals = 1},
    HtmlColumn{.metric = SuiteMetric::p999, .head = "p99.9 us", .decimals = 1},
    HtmlColumn{.metric = SuiteMetric::memory, .head = "bytes each", .decimals = 0},
    HtmlColumn{.metric = SuiteMetric::idle_cpu, .head = "idle CPU us/s", .decimals = 1},
};

std::string html_contenders(const CaseResult& result) {
  const std::string caption = result.spec.title;
  load::HtmlTable table{.caption = caption, .head = {""}, .css_class = "numbers"};
  std::vector<HtmlColumn> shown;
  for (const HtmlColumn& column : html_columns) {
    const bool is_measured = std::ranges::any_of(result.contenders, [&](const auto& contender) {
      return !contender.samples.of(column.metric).empty();
    });
    if (!is_measured) continue;
    shown.push_back(column);
    table.head.emplace_back(column.metric == SuiteMetric::rate
                                ? html_escaped(result.spec.unit) + "s a second"
                                : column.head);
  }
  table.head.emplace_back("system calls");
  for (const ContenderResult& contender : result.contenders) {
    // What the number was made with shows when the name is pointed at, and in the list below.
    std::vector<std::string> row = {fmt::format("<span title=\"{}\">{}</span>",
                                                html_escaped(shell_command(contender.spec.command)),
                                                html_escaped(contender.spec.name))};
    for (const HtmlColumn& column : shown) {
      const bool is_there = !contender.samples.of(column.metric).empty();
      row.push_back(is_there ? fmt::format("{:.{}f}", contender.samples.median(column.metric),
                                           column.decimals)
                             : std::string("-"));
    }
    row.push_back(contender.calls ? fmt::format("{:.3f}", *contender.calls) : std::string("-"));
    table.rows.push_back(std::move(row));
  }
  return table.markup();
}

std::string commands_of(const CaseResult& result) {
  std::string text;
  for (const ContenderResult& contender : result.contenders) {
    text += fmt::format("{:<18} {}\n", contender.spec.name, shell_command(contender.spec.command));
  }
  return fmt::format(
      "<details><summary>Servers, and how to measure this case again</summary>\n<pre>{}\n"
      "{}</pre></details>\n",
      html_escaped(text), html_escaped(result.command));
}

std::string list_of(const std::vector<std::string>& sentences) {
  if (sentences.empty()) return {};
  std::string html = "<ul>\n";
  for (const std::string& sentence : sentences)
    html += fmt::format("<li>{}</li>\n", html_escaped(sentence));
  return html + "</ul>\n";
}

std::string case_section(const CaseResult& result) {
  std::string html = fmt::format("<h2>{} {}: {}</h2>\n", html_escaped(result.spec.suite),
                                 html_escaped(result.spec.name), html_escaped(result.spec.title));
  if (!result.failure.empty()) {
    html +=
        fmt::format("<div class=\"verdict bad\"><p>{}</p></div>\n", html_escaped(result.failure));
  }
  if (result.rounds == 0) return html;
  html += html_contenders(result);
  html += list_of(limit_sentences(result));
  for (const ComparedMetric& compared : result.spec.compared) {
    html += ratio_bars(result, compared.metric);
  }
  html += round_strip(result, result.spec.compared.front().metric);
  html += latency_curves(result);
  html += list_of(result.notes);
  html += commands_of(result);
  return html;
}

/// How many targets were met, and which were not.
class TargetCount {
 public:
  void add(const std::string& where, const SuiteComparison& comparison) {
    if (!comparison.target) return;
    const TargetVerdict verdict = judge(comparison);
    ++counts_[static_cast<std::size_t>(verdict)];
    if (verdict != TargetVerdict::missed) return;
    missed_.push_back(fmt::format("{}: {} of {}: {}: {}", where, title_of(comparison.metric),
                                  pair_text(comparison), ratio_text(comparison.ratio),
                                  standing_text(comparison)));
  }
  void add(const std::string& where, const JudgedLimit& limit) {
    ++counts_[static_cast<std::size_t>(limit.is_met() ? TargetVerdict::met
                                                      : TargetVerdict::missed)];
    if (!limit.is_met()) missed_.push_back(fmt::format("{}: {}", where, limit_sentence(limit)));
  }
  void add_failure() { ++failed_; }
  [[nodiscard]] std::string markup() const {
    using enum TargetVerdict;
    std::string text = fmt::format("{} targets met, {} missed, {} within the noise", of(met),
                                   of(missed), of(met_within_noise) + of(missed_within_noise));
    if (of(unstable) > 0) text += fmt::format(", {} unstable", of(unstable));
    if (of(too_few_rounds) > 0) text += fmt::format(", {} with too few rounds", of(too_few_rounds));
    if (failed_ > 0) text += fmt::format("; {} case{} failed", failed_, failed_ == 1 ? "" : "s");
    // Green is for what was met, also within the noise, and for nothing else beside it.
    const bool is_good = failed_ == 0 && missed_.empty() &&
                         of(missed_within_noise) + of(unstable) + of(too_few_rounds) == 0;
    return fmt::format("<div class=\"verdict {}\"><p><b>{}.</b></p></div>\n",
                       failed_ > 0 ? "bad"
                       : is_good   ? "good"
                                   : "warn",
                       text) +
           list_of(missed_);
  }

 private:
  [[nodiscard]] std::size_t of(TargetVerdict verdict) const {
    return counts_[static_cast<std::size_t>(verdict)];
  }

  std::array<std::size_t, 6> counts_{};
  std::size_t failed_ = 0;
  std::vector<std::string> missed_{};
};

std::string verdict_section(const SuiteResult& result) {
  TargetCount count;
  for (const CaseResult& one : result.cases) {
    if (!one.failure.empty()) count.add_failure();
    const std::string where = fmt::format("{} {}", one.spec.suite, one.spec.name);
    for (const SuiteComparison& comparison : one.comparisons) count.add(where, comparison);
    for (const JudgedLimit& limit : judged_limits(one)) count.add(where, limit);
  }
  for (const SuiteMean& mean : result.means) count.add(mean.suite + " mean", mean.comparison);
  return count.markup();
}

std::string means_section(const SuiteResult& result) {
  if (result.means.empty()) return {};
  load::HtmlTable table{.caption = "Geometric means",
                        .head = {"", "metric", "ratio [95 %]", "over", ""},
                        .css_class = "numbers"};
  for (const SuiteMean& mean : result.means) {
    const SuiteComparison& one = mean.comparison;
    table.rows.push_back({html_escaped(fmt::format("{}: {}", mean.suite, pair_text(one))),
                          html_escaped(title_of(one.metric)), ratio_text(one.ratio),
                          cases_text(mean), html_escaped(standing_text(one))});
  }
  return "<h2>Geometric means over the cases of a suite</h2>\n" + table.markup();
}

std::string environment_section(const SuiteResult& result) {
  const Machine& machine = result.machine;
  load::HtmlTable table{.caption = "Environment", .head = {"", ""}};
  const auto row = [&](const char* name, const std::string& value) {
    table.rows.push_back({name, html_escaped(value)});
  };
  row("program", version_line());
  row("compiler flags", std::string(build_flags()));
  row("libraries", library_line());
  row("commit", std::string(build_commit()));
  row("machine", describe(machine));
  row("processors",
      fmt::format("server on {}, load on {}", result.cpus.server, result.cpus.client));
  row("priority", result.is_realtime ? "SCHED_FIFO" : "ordinary");
  row("rounds", rounds_text(result));
  row("clock source", machine.clock_source);
  row("governor", machine.governor.empty() ? "none" : machine.governor);
  row("congestion control", machine.congestion_control);
  row("transparent huge pages", machine.huge_pages);
  for (const NetworkInterface& one : machine.interfaces) {
    row("network interface", network_interface_text(one));
  }
  row("load before", result.before.load_average);
  row("load after", result.after.load_average);
  row("CPU pressure before", result.before.pressure_cpu);
  row("CPU pressure after", result.after.pressure_cpu);
  if (const auto stolen = stolen_ms(result.before, result.after)) {
    row("taken by the hypervisor", fmt::format("{} ms", *stolen));
  }
  return "<h2>Environment</h2>\n" + table.markup();
}

}  // namespace

std::string suite_html(const SuiteResult& result, const std::string& machine,
                       const std::string& command, const std::string& json) {
  std::string body = fmt::format(
      "<header>\n<div>\n<p class=\"over\">weir bench</p>\n<h1>{}</h1>\n<p class=\"about\">{}</p>\n"
      "</div>\n<button type=\"button\" id=\"theme\" hidden>Dark</button>\n</header>\n",
      html_escaped(command), html_escaped(machine));
  body += verdict_section(result);
  if (const std::string noisy = noise_line(result.noise); !noisy.empty()) {
    // A debug build, others at work, a hypervisor that takes time: red, since it is in all numbers.
    body += fmt::format("<div class=\"verdict bad\"><p>{}</p></div>\n", html_escaped(noisy));
  }
  if (build_commit().ends_with("-dirty")) {
    body += fmt::format(
        "<div class=\"verdict bad\"><p>Built from {}: what was measured is in no "
        "commit.</p></div>\n",
        build_commit());
  }
  body += means_section(result);
  for (const CaseResult& one : result.cases) body += case_section(one);
  body += environment_section(result);
  body += list_of(result.left_out);
  return load::html_page(
      {.title = "weir bench", .body = body, .json = json, .file_name = "bench.json"});
}

}  // namespace weir::tools::bench
