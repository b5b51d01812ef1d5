#include "tools/weir/load/jobs/report_job.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <expected>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/load/jobs/job_output.h"
#include "tools/weir/load/jobs/sweep_report.h"
#include "tools/weir/load/report/report_files.h"
#include "tools/weir/load/report/report_from_json.h"
#include "tools/weir/load/report/slo.h"
#include "tools/weir/load/report/sweep_html.h"

namespace weir::tools::load {
namespace {

/// An hour of seconds is about one; a sweep has many runs.
constexpr std::size_t file_bytes_max = std::size_t{256} << 20;

using Closer = int (*)(std::FILE*);

/// The error is a clause.
std::expected<std::string, std::string> read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "rb"), &std::fclose);
  if (!file) return std::unexpected(std::generic_category().message(errno));
  std::string text;
  std::vector<char> block(std::size_t{64} << 10);
  while (true) {
    const std::size_t count = std::fread(block.data(), 1, block.size(), file.get());
    if (count == 0) break;
    if (text.size() + count > file_bytes_max) return std::unexpected("it is larger than 256 MiB");
    text.append(block.data(), count);
  }
  if (std::ferror(file.get()) != 0) return std::unexpected(std::generic_category().message(errno));
  return text;
}

/// One report, or those of a sweep.
std::expected<std::vector<LoadReport>, std::string> read_reports(const std::string& text) {
  std::vector<LoadReport> reports;
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_array()) {
    auto report = report_from_json(text);
    if (!report) return std::unexpected(report.error());
    reports.push_back(*std::move(report));
    return reports;
  }
  for (const Json& run : json) {
    auto report = report_from_json(run.dump());
    if (!report) return std::unexpected(report.error());
    reports.push_back(*std::move(report));
  }
  if (reports.empty()) return std::unexpected("it holds no run");
  return reports;
}

/// By the goals of this command line, if it has some. The error is a clause.
std::expected<void, std::string> judge_again(const Options& asked, LoadReport& report) {
  if (!asked.slo.empty()) {
    const bool asks_for_loss =
        std::any_of(asked.slo.begin(), asked.slo.end(),
                    [](const SloTerm& term) { return term.metric == SloMetric::loss_share; });
    if (asks_for_loss && (!report.datagrams || report.options.answers == Answers::none)) {
      return std::unexpected("--slo: that run could not know about loss");
    }
    report.options.slo = asked.slo;
    report.slo = judge_slo(asked.slo, report);
  }
  if (asked.is_strict) report.options.is_strict = true;
  return {};
}

/// A report by itself, or several as a sweep. \returns  the exit code of the runs
ExitCode show(std::vector<LoadReport> reports, const Options& asked, JobOutput& output) {
  const OutputChoice& files = asked.output;
  if (reports.size() > 1) {
    SweepResult result;
    result.reports = std::move(reports);
    output.print(sweep_text(result, output.result_style()));
    if (files.json_path) output.write("JSON", files.json_path, sweep_json(result.reports));
    if (files.csv_path) output.write("CSV", files.csv_path, sweep_csv(result.reports));
    if (files.html_path) output.write("HTML", files.html_path, sweep_html(result.reports));
    return exit_code_of(result);
  }
  LoadReport& report = reports.front();
  // Its labels stay, its files were those of then.
  auto labels = std::move(report.options.output.labels);
  report.options.output = files;
  if (files.labels.empty()) report.options.output.labels = std::move(labels);
  output.print(report_text(report, output.result_style()));
  for (const std::string& sentence : write_report_files(report)) output.fail(sentence);
  return exit_code_of(report);
}

ExitCode report_file(const std::string& path, const JobOptions& job, JobOutput& output) {
  const auto text = read_file(path);
  if (!text) {
    output.fail(fmt::format("cannot read {}: {}", path, text.error()));
    return ExitCode::run_failed;
  }
  auto reports = read_reports(*text);
  if (!reports) {
    output.fail(fmt::format("{} is no report of weir load: {}", path, reports.error()));
    return ExitCode::run_failed;
  }
  for (LoadReport& report : *reports) {
    if (const auto judged = judge_again(job.run, report); !judged) {
      output.fail(fmt::format("{}: {}", path, judged.error()));
      return ExitCode::run_failed;
    }
    if (job.allows_untrusted) report.options.is_strict = false;
  }
  const ExitCode code = show(*std::move(reports), job.run, output);
  // To show a run that failed is no failure; to hold it against goals is asking for one.
  return job.judges_again ? code : ExitCode::done;
}

}  // namespace

ExitCode run_report(const JobOptions& job) {
  JobOutput output(job.run);
  ExitCode worst = ExitCode::done;
  for (const std::string& path : job.files) {
    if (job.files.size() > 1) output.print(fmt::format("{}\n", path));
    const ExitCode code = report_file(path, job, output);
    // Untrusted outranks the rest, as within a run; of others the first counts.
    if (worst == ExitCode::done || code == ExitCode::untrusted) worst = code;
  }
  return output.exit_code(worst);
}

}  // namespace weir::tools::load
