#include "tools/weir/bench/run.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/compare/compare_results.h"
#include "tools/weir/bench/doctor/doctor_text.h"
#include "tools/weir/bench/doctor/examine_noise.h"
#include "tools/weir/bench/nagle/run_nagle.h"
#include "tools/weir/bench/progress.h"
#include "tools/weir/bench/report/suite_html.h"
#include "tools/weir/bench/report/suite_json.h"
#include "tools/weir/bench/report/suite_markdown.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/bench/suites/run_suites.h"
#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/common/library_versions.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/shell_words.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/common/version.h"
#include "tools/weir/load/report/report_files.h"

namespace weir::tools::bench {
namespace {

std::string command_text(const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {"weir"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return shell_command(words);
}

bool write_files(const Options& options, const SuiteResult& result, const std::string& machine,
                 const std::string& command) {
  const std::filesystem::path directory(options.directory);
  const std::string json = json_text(suite_json(result, command));
  bool is_written = true;
  const auto write = [&](const char* name, const char* file, const std::string& text) {
    const auto problem = load::write_output(name, (directory / file).string(), text);
    if (problem) fmt::print(stderr, "weir bench: {}\n", *problem);
    is_written = is_written && !problem;
  };
  write("JSON", "bench.json", json + "\n");
  write("Markdown", "bench.md", suite_markdown(result, machine, command));
  write("HTML", "bench.html", suite_html(result, machine, command, json));
  return is_written;
}

/// What is left out by the options is missing in neither result.
void keep_selected(StoredResult& result, const Options& options) {
  const auto is_selected = [&](const StoredCase& it) {
    return options.selects(it.description) && std::ranges::any_of(options.suites, [&](Suite suite) {
             return to_text(suite) == it.suite;
           });
  };
  std::erase_if(result.cases, [&](const StoredCase& it) { return !is_selected(it); });
  std::erase_if(result.ratios, [&](const StoredRatio& it) {
    return !options.admits(it.numerator) || !options.admits(it.denominator) ||
           std::ranges::find(result.cases, it.case_name, &StoredCase::name) == result.cases.end();
  });
}

/// What the options select of it; tells why there is none.
std::optional<StoredResult> selected_of(std::expected<StoredResult, std::string> result,
                                        const Options& options) {
  if (!result) {
    fmt::print(stderr, "weir bench: {}\n", result.error());
    return std::nullopt;
  }
  keep_selected(*result, options);
  return *std::move(result);
}

/// Prints the comparison; `slower` if something is, `incomplete` if something is missing.
ExitCode compare_texts(const StoredResult& before, const StoredResult& after) {
  const std::vector<ResultChange> changes = compare_results(before, after);
  const std::vector<std::string> missing = missing_results(before, after);
  if (changes.empty() && missing.empty()) {
    fmt::print(stderr, "weir bench: the two results have no comparison in common\n");
    return ExitCode::bad_usage;
  }
  if (!changes.empty()) fmt::print("{}", changes_text(changes));
  for (const std::string& sentence : missing) fmt::print("  MISSING {}\n", sentence);
  for (const std::string& sentence : different_settings(before, after)) {
    fmt::print(stderr, "weir bench: warning: {}\n", sentence);
  }
  if (is_slower(changes)) return ExitCode::slower;
  return missing.empty() ? ExitCode::done : ExitCode::incomplete;
}

/// The one that says more: what failed comes before what was found.
ExitCode graver_of(ExitCode one, ExitCode other) {
  for (const ExitCode code : {ExitCode::run_failed, ExitCode::bad_usage, ExitCode::slower,
                              ExitCode::incomplete, ExitCode::untrusted}) {
    if (one == code || other == code) return code;
  }
  return ExitCode::done;
}

/// \param baseline  an earlier result to compare with, or none
ExitCode run_server_suites(const Options& options, const std::optional<StoredResult>& baseline,
                           const std::string& machine, const std::string& command) {
  const SuiteEvents events{
      .noise =
          [](const std::vector<doctor::LimitFinding>& findings) {
            fmt::print("{}", noise_line(findings));
          },
      .cell =
          [](const CaseSpec& spec, unsigned round, unsigned rounds, std::string_view who) {
            show_progress(fmt::format("{} {}: round {}/{}, {}", spec.suite, spec.name, round + 1,
                                      rounds, who));
          },
      .done =
          [](const CaseResult& result) {
            clear_progress();
            fmt::print("{}", case_text(result));
            std::fflush(stdout);
          }};
  const auto result = run_suites(options, events);
  if (!result) {
    fmt::print(stderr, "weir bench: {}\n", result.error());
    return ExitCode::run_failed;
  }
  if (result->cases.empty()) {
    fmt::print(stderr, "weir bench: --only selects no case\n");
    return ExitCode::bad_usage;
  }
  fmt::print("{}", summary_text(*result));
  bool is_whole =
      std::ranges::all_of(result->cases, [](const CaseResult& it) { return it.failure.empty(); });
  if (!options.directory.empty()) {
    is_whole = write_files(options, *result, machine, command) && is_whole;
  }
  const ExitCode code = is_whole ? ExitCode::done : ExitCode::run_failed;
  if (!baseline) return code;
  const auto now = selected_of(result_of(suite_json(*result, command), "this run"), options);
  return graver_of(code, now ? compare_texts(*baseline, *now) : ExitCode::run_failed);
}

ExitCode run_job(const Options& options, const std::vector<std::string>& arguments) {
  const std::string machine = describe(read_machine(SystemFiles()));
  const std::string command = command_text(arguments);
  fmt::print("{} on {}\n", version_line(), machine);
  fmt::print("Compiled with {}; {}\n", build_flags(), library_line());
  std::fflush(stdout);
  std::optional<StoredResult> baseline;
  if (!options.baseline.empty()) {
    // Before minutes are spent on what it is to be compared with.
    baseline = selected_of(read_result(options.baseline), options);
    if (!baseline) return ExitCode::bad_usage;
  }
  Options servers = options;
  const bool has_nagle = std::erase(servers.suites, Suite::nagle) > 0;
  if (servers.suites.empty()) return run_nagle(options, machine, command);
  // First, as the suites of servers bind this process to one processor.
  const ExitCode nagle = has_nagle ? run_nagle(options, machine, command) : ExitCode::done;
  return graver_of(nagle, run_server_suites(servers, baseline, machine, command));
}

ExitCode run_job(const DoctorJob& /*job*/, const std::vector<std::string>& /*arguments*/) {
  const std::vector<doctor::LimitFinding> findings = examine_noise(SystemFiles(), measure_noise());
  const TextStyle style = choose_text_style(read_text_environment(STDOUT_FILENO));
  fmt::print("{}", doctor_text(findings, style));
  return ExitCode::done;
}

ExitCode run_job(const CompareJob& job, const std::vector<std::string>& /*arguments*/) {
  const auto before = selected_of(read_result(job.old_path), job.selection);
  const auto after = selected_of(read_result(job.new_path), job.selection);
  return before && after ? compare_texts(*before, *after) : ExitCode::bad_usage;
}

}  // namespace

ExitCode run(const Job& job, const std::vector<std::string>& arguments) {
  return std::visit([&](const auto& it) { return run_job(it, arguments); }, job);
}

}  // namespace weir::tools::bench
