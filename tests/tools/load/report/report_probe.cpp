// Prints reports that no server makes on demand, for the tests in Python: `report_probe CASE
// FORMAT` with the format json, html, csv or text; `report_probe render FORMAT < F.json` reads one
// back.
#include <cstdio>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_report.h"
#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/report/suite_html.h"
#include "tools/weir/bench/report/suite_json.h"
#include "tools/weir/load/report/report_csv.h"
#include "tools/weir/load/report/report_from_json.h"
#include "tools/weir/load/report/report_html.h"
#include "tools/weir/load/report/sweep_html.h"

namespace weir::tools::load {
namespace {

/// What a hostile server, label or file name may put everywhere that text goes.
constexpr const char* hostile =
    "</script><script>window.owned=1</script><img src=x onerror=\"owned=1\">'\"&<!--\x01\xff";

LoadReport hostile_report() {
  LoadReport report = example_open_report();
  report.options.target.text = hostile;
  report.options.load_text = hostile;
  report.arguments = {hostile, hostile};
  report.version_line = hostile;
  report.machine.cpu_model = hostile;
  report.machine.kernel_release = hostile;
  report.options.output.labels = {{hostile, hostile}};
  report.errors.add(ErrorKind::mismatch, hostile);
  report.trust.push_back({.rule = TrustRule::steal,
                          .ok = false,
                          .value = 0.2,
                          .limit = 0.02,
                          .unit = "ratio",
                          .text = hostile,
                          .remedy = hostile});
  report.host.counters = {{hostile, 7}};
  report.slo.front().term.text = hostile;
  return report;
}

LoadReport untrusted_report() {
  LoadReport report = example_open_report();
  report.errors = {};
  report.trust[1].ok = false;
  report.trust[1].value = 3'000'000;
  report.trust[1].text = "one request in a hundred left 3.0 ms late or more";
  report.trust[1].remedy = "give the generator a CPU of its own: --cpus 1";
  return report;
}

LoadReport saturated_report() {
  LoadReport report = example_open_report();
  report.slo = {};
  report.errors = {};
  report.requests.offered = 200'000;
  report.requests.dropped = 100'000;
  return report;
}

LoadReport refused_report() {
  LoadReport report = example_report();
  report.requests = {};
  report.connections.established = 0;
  report.measured = {};
  report.latency.service.reset();
  report.seconds = {};
  report.errors.add(ErrorKind::connect, "connection refused", 8);
  return report;
}

/// So few answers that percentiles hang on single ones.
LoadReport few_report() {
  LoadReport report = example_report();
  report.requests.offered = report.requests.sent = report.requests.answered = 100;
  report.latency.service.reset();
  for (int i = 0; i < 100; ++i) report.latency.service.record(100'000);
  report.slo = judge_slo(parse_slo("p50<1ms,p99<1ms").value(), report);
  return report;
}

std::vector<LoadReport> sweep_reports() {
  std::vector<LoadReport> reports;
  for (std::uint64_t i = 1; i <= 6; ++i) {
    LoadReport report = example_open_report();
    report.errors = {};
    report.options.rate = 10'000 * i;
    report.requests.offered = report.requests.sent = report.requests.answered = 100'000 * i;
    report.latency.response.reset();
    for (std::uint64_t j = 0; j < 10'000; ++j) {
      report.latency.response.record(50'000 + j * i * i * i / (7 - i));
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

const std::map<std::string, std::function<LoadReport()>>& cases() {
  static const std::map<std::string, std::function<LoadReport()>> all = {
      {"closed", example_report},
      {"open", example_open_report},
      {"datagram", example_datagram_report},
      {"few", few_report},
      {"hostile", hostile_report},
      {"untrusted", untrusted_report},
      {"saturated", saturated_report},
      {"refused", refused_report},
      {"all_closed", [] { return fully_populated(example_report()); }},
      {"all_open", [] { return fully_populated(example_open_report()); }},
      {"all_datagram", [] { return fully_populated(example_datagram_report()); }},
  };
  return all;
}

std::string format_report(const LoadReport& report, const std::string& format) {
  if (format == "json") return report_json(report);
  if (format == "html") return report_html(report);
  if (format == "csv") return report_csv(report);
  return report_text(report, {.utf8 = true});
}

int print_case(const std::string& name, const std::string& format) {
  if (name == "sweep") {
    fmt::print("{}", sweep_html(sweep_reports()));
    return 0;
  }
  if (name == "bench") {
    bench::SuiteResult suite = bench::example_suite(1.2);
    suite.cases.front().spec.title += hostile;
    suite.cases.front().notes.emplace_back(hostile);
    fmt::print("{}", bench::suite_html(suite, hostile, hostile,
                                       json_text(bench::suite_json(suite, hostile))));
    return 0;
  }
  if (name == "render") {
    const std::string text(std::istreambuf_iterator<char>(std::cin), {});
    const auto report = report_from_json(text);
    if (!report) {
      fmt::print(stderr, "{}\n", report.error());
      return 1;
    }
    fmt::print("{}", format_report(*report, format));
    return 0;
  }
  const auto found = cases().find(name);
  if (found == cases().end()) return 2;
  fmt::print("{}", format_report(found->second(), format));
  return 0;
}

}  // namespace
}  // namespace weir::tools::load

int main(int argument_count, char** arguments) {
  if (argument_count == 2 && std::string(arguments[1]) == "list") {
    for (const auto& [name, make] : weir::tools::load::cases()) fmt::print("{}\n", name);
    return 0;
  }
  if (argument_count != 3) return 2;
  return weir::tools::load::print_case(arguments[1], arguments[2]);
}
