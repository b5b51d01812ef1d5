#include "tools/weir/load/jobs/single_run.h"

#include <unistd.h>

#include <cstdio>
#include <optional>

#include <fmt/format.h>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/engine/preflight.h"
#include "tools/weir/load/jobs/interval_log.h"
#include "tools/weir/load/jobs/one_run.h"
#include "tools/weir/load/report/report_files.h"
#include "tools/weir/load/screen/screen_printer.h"

namespace weir::tools::load {
namespace {

void complain(const std::string& sentence) { fmt::print(stderr, "weir load: {}\n", sentence); }

std::string why_nothing_succeeded(const LoadReport& report) {
  if (report.errors.total() > 0) return std::string(report.errors.first_example());
  return fmt::format("not one right answer came from {}", report.options.target.text);
}

}  // namespace

ExitCode run_single(const Options& options, const std::vector<std::string>& arguments) {
  if (const auto shortage = find_shortage(options, claim_room())) {
    complain(*shortage);
    return ExitCode::bad_usage;
  }
  ScreenPrinter printer(STDERR_FILENO, options.progress,
                        {"weir load  " + options.target.text, options.load_text}, options.shards);
  std::optional<IntervalLog> log;
  if (options.output.hlog_path) {
    log.emplace(*options.output.hlog_path, "weir load " + options.target.text);
  }
  RunSinks sinks;
  sinks.wants_quarters = printer.wants_quarters();
  sinks.progress = [&printer](const ProgressSample& sample) { printer.show(sample); };
  if (log) {
    sinks.interval = [&log](std::chrono::nanoseconds begin, std::chrono::nanoseconds length,
                            const Interval& interval) { log->add(begin, length, interval); };
  }
  const auto report = run_once(options, sinks, arguments);
  printer.end();
  if (!report) {
    complain(report.error());
    return ExitCode::run_failed;
  }
  if (!claims_stdout(options.output)) {
    fmt::print("{}", report_text(*report, choose_text_style(read_text_environment(STDOUT_FILENO))));
    std::fflush(stdout);
  }
  std::vector<std::string> complaints = write_report_files(*report);
  if (log) {
    if (auto complaint = log->complaint()) complaints.push_back(*std::move(complaint));
  }
  const ExitCode code = exit_code_of(*report);
  // Who has the JSON on stdout has no text that says it.
  if (code == ExitCode::nothing_succeeded && claims_stdout(options.output)) {
    complain(why_nothing_succeeded(*report));
  }
  for (const std::string& sentence : complaints) complain(sentence);
  return code == ExitCode::done && !complaints.empty() ? ExitCode::run_failed : code;
}

}  // namespace weir::tools::load
