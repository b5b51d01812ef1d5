#include "tools/weir/load/jobs/job_output.h"

#include <unistd.h>

#include <cstdio>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/one_run.h"
#include "tools/weir/load/report/config_json.h"
#include "tools/weir/load/report/report_files.h"

namespace weir::tools::load {

JobOutput::JobOutput(const Options& run)
    : run_(run),
      progress_style_(choose_text_style(read_text_environment(STDERR_FILENO))),
      result_style_(choose_text_style(read_text_environment(STDOUT_FILENO))) {}

void JobOutput::tell(std::string_view line) const {
  if (run_.progress != ProgressChoice::none) fmt::print(stderr, "{}\n", line);
}

void JobOutput::complain(std::string_view sentence) const {
  fmt::print(stderr, "weir load: {}\n", sentence);
}

void JobOutput::fail(std::string_view sentence) {
  has_failed_ = true;
  complain(sentence);
}

void JobOutput::print(std::string_view text) const {
  if (claims_stdout(run_.output)) return;
  fmt::print("{}", text);
  std::fflush(stdout);
}

void JobOutput::write(std::string_view name, const std::optional<std::string>& path,
                      std::string_view text) {
  if (!path) return;
  if (const auto failure = write_output(name, *path, text)) {
    fail(*failure);
  }
}

ExitCode JobOutput::exit_code(ExitCode code) const noexcept {
  return code == ExitCode::done && has_failed_ ? ExitCode::run_failed : code;
}

Runner JobRuns::runner() {
  return [this](const Options& options) {
    auto report = run_once(options, RunSinks(), arguments_);
    if (report) {
      if (!start_) start_ = report->start;
      last_.options = report->options;
      last_.arguments = report->arguments;
      last_.version_line = report->version_line;
      last_.is_optimized = report->is_optimized;
      last_.machine = report->machine;
      last_.backend = report->backend;
    }
    return report;
  };
}

void JobRuns::add_facts(Json& json) const {
  if (!start_) return;
  json["start_unix_s"] = std::chrono::duration<double>(start_->time_since_epoch()).count();
  Json labels = Json::object();
  for (const auto& [key, value] : last_.options.output.labels) labels[key] = value;
  json["labels"] = labels;
  json["config"] = config_json(last_);
  json["env"] = environment_json(last_);
}

}  // namespace weir::tools::load
