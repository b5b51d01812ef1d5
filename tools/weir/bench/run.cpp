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

#include "tools/weir/bench/compare/stored.h"
#include "tools/weir/bench/doctor/doctor_text.h"
#include "tools/weir/bench/doctor/examine_noise.h"
#include "tools/weir/bench/nagle/run_nagle.h"
#include "tools/weir/bench/nagle/study_json.h"
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

/// What the options select of it; tells why there is none.
std::optional<Stored> selected_of(std::expected<Stored, std::string> stored,
                                  const Options& options) {
  if (!stored) {
    fmt::print(stderr, "weir bench: {}\n", stored.error());
    return std::nullopt;
  }
  keep_selected(*stored, options);
  return *std::move(stored);
}

/// This run beside an earlier one. \param json  of this run
ExitCode compare_with(const Stored& baseline, const Json& json, const Options& options) {
  const auto now = selected_of(stored_of(json, "this run"), options);
  return now ? print_comparison(baseline, *now) : ExitCode::run_failed;
}

/// The one that says more: what failed comes before what was found.
ExitCode graver_of(ExitCode one, ExitCode other) {
  for (const ExitCode code : {ExitCode::run_failed, ExitCode::bad_usage, ExitCode::slower,
                              ExitCode::incomplete, ExitCode::untrusted}) {
    if (one == code || other == code) return code;
  }
  return ExitCode::done;
}

/// \param baseline  an earlier result to compare with, or `nullptr`
ExitCode run_server_suites(const Options& options, const Stored* baseline,
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
  if (baseline == nullptr) return code;
  return graver_of(code, compare_with(*baseline, suite_json(*result, command), options));
}

/// \param baseline  an earlier result to compare with, or `nullptr`
ExitCode run_study_suite(const Options& options, const Stored* baseline, const std::string& machine,
                         const std::string& command) {
  const NagleRun run = run_nagle(options, machine, command);
  if (baseline == nullptr || run.result.cells.empty()) return run.code;
  return graver_of(run.code, compare_with(*baseline, study_json(run.result, command), options));
}

ExitCode run_job(const Options& options, const std::vector<std::string>& arguments) {
  const std::string machine = describe(read_machine(SystemFiles()));
  const std::string command = command_text(arguments);
  fmt::print("{} on {}\n", version_line(), machine);
  fmt::print("Compiled with {}; {}\n", build_flags(), library_line());
  std::fflush(stdout);
  Options servers = options;
  const bool has_nagle = std::erase(servers.suites, Suite::nagle) > 0;
  std::optional<Stored> baseline;
  const Stored* of_study = nullptr;
  const Stored* of_servers = nullptr;
  if (!options.baseline.empty()) {
    // Before minutes are spent on what it is to be compared with.
    baseline = selected_of(read_stored(options.baseline), options);
    if (!baseline) return ExitCode::bad_usage;
    if (std::holds_alternative<StoredMicros>(*baseline)) {
      fmt::print(stderr,
                 "weir bench: {0}: that is a result of micro benchmarks, which no suite has; "
                 "\"weir bench compare {0} NEW\" takes it\n",
                 options.baseline);
      return ExitCode::bad_usage;
    }
    const bool is_of_study = std::holds_alternative<StoredStudy>(*baseline);
    (is_of_study ? of_study : of_servers) = &*baseline;
    if (is_of_study ? !has_nagle : servers.suites.empty()) {
      fmt::print(stderr, "weir bench: {}: that is a result of other suites\n", options.baseline);
      return ExitCode::bad_usage;
    }
  }
  // First, as the suites of servers bind this process to one processor.
  const ExitCode nagle =
      has_nagle ? run_study_suite(options, of_study, machine, command) : ExitCode::done;
  if (servers.suites.empty()) return nagle;
  return graver_of(nagle, run_server_suites(servers, of_servers, machine, command));
}

ExitCode run_job(const DoctorJob& /*job*/, const std::vector<std::string>& /*arguments*/) {
  const std::vector<doctor::LimitFinding> findings = examine_noise(SystemFiles(), measure_noise());
  const TextStyle style = choose_text_style(read_text_environment(STDOUT_FILENO));
  fmt::print("{}", doctor_text(findings, style));
  return ExitCode::done;
}

ExitCode run_job(const CompareJob& job, const std::vector<std::string>& /*arguments*/) {
  const auto before = selected_of(read_stored(job.old_path), job.selection);
  const auto after = selected_of(read_stored(job.new_path), job.selection);
  return before && after ? print_comparison(*before, *after) : ExitCode::bad_usage;
}

}  // namespace

ExitCode run(const Job& job, const std::vector<std::string>& arguments) {
  return std::visit([&](const auto& it) { return run_job(it, arguments); }, job);
}

}  // namespace weir::tools::bench
