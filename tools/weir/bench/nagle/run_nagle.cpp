#include "tools/weir/bench/nagle/run_nagle.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/doctor/doctor_text.h"
#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/nagle/study.h"
#include "tools/weir/bench/nagle/study_json.h"
#include "tools/weir/bench/nagle/study_page.h"
#include "tools/weir/bench/nagle/study_plots.h"
#include "tools/weir/bench/nagle/study_text.h"
#include "tools/weir/bench/progress.h"
#include "tools/weir/load/report/report_files.h"

namespace weir::tools::bench {
namespace {

void print_findings(const StudyResult& result) {
  std::string path;
  for (const Finding& finding : findings_of(result.cells)) {
    if (finding.path != path) fmt::print("\nOn {}:\n", finding.path);
    path = finding.path;
    fmt::print("  {:<4} {}{}\n", finding.scenario, mark_of(finding.outcome), finding.sentence);
  }
  for (const std::string& reason : result.left_out) fmt::print("\nLeft out: {}\n", reason);
}

bool write_files(const Options& options, const StudyResult& result, const std::string& machine,
                 const std::string& command) {
  const std::filesystem::path directory(options.directory);
  bool is_written = true;
  const auto write = [&](const char* name, const std::string& file, const std::string& text) {
    const auto problem = load::write_output(name, (directory / file).string(), text);
    if (problem) fmt::print(stderr, "weir bench: {}\n", *problem);
    is_written = is_written && !problem;
  };
  write("JSON", "nagle.json", json_text(study_json(result, command)) + "\n");
  write("Markdown", "nagle.md", study_page(result, machine, command));
  for (const StudyPlot& plot : study_plots(result.cells)) write("SVG", plot.file, plot.svg);
  return is_written;
}

/// Prints it and writes its files.
ExitCode report(const Options& options, const StudyResult& result, const std::string& machine,
                const std::string& command) {
  if (result.cells.empty()) {
    fmt::print(stderr, "weir bench: --only selects no cell\n");
    for (const std::string& reason : result.left_out) fmt::print(stderr, "left out: {}\n", reason);
    return ExitCode::bad_usage;
  }
  fmt::print("{}", study_table(result));
  print_findings(result);
  bool is_whole = std::ranges::all_of(result.cells,
                                      [](const CellSummary& cell) { return cell.failure.empty(); });
  if (!options.directory.empty()) {
    is_whole = write_files(options, result, machine, command) && is_whole;
  }
  if (const auto problem = self_check(result.cells)) {
    fmt::print(stderr, "weir bench: {}\n", *problem);
    return is_whole ? ExitCode::untrusted : ExitCode::run_failed;
  }
  return is_whole ? ExitCode::done : ExitCode::run_failed;
}

}  // namespace

NagleRun run_nagle(const Options& options, const std::string& machine, const std::string& command) {
  const StudyEvents events{.noise =
                               [](const std::vector<doctor::LimitFinding>& findings) {
                                 fmt::print("{}", noise_line(findings));
                                 std::fflush(stdout);
                               },
                           .cell =
                               [](std::string_view cell, std::size_t done, std::size_t total) {
                                 show_progress(fmt::format("{}/{}  {}", done + 1, total, cell));
                               }};
  NagleRun run{.result = run_study(options, events)};
  clear_progress();
  run.code = report(options, run.result, machine, command);
  return run;
}

}  // namespace weir::tools::bench
