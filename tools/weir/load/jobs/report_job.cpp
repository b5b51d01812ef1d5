#include "tools/weir/load/jobs/report_job.h"

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

void show_sweep(const std::vector<LoadReport>& reports, const OutputChoice& files,
                JobOutput& output) {
  SweepResult result;
  result.reports = reports;
  output.print(sweep_text(result, output.result_style()));
  if (files.json_path) output.write("JSON", files.json_path, sweep_json(reports));
  if (files.csv_path) output.write("CSV", files.csv_path, sweep_csv(reports));
  if (files.html_path) output.write("HTML", files.html_path, sweep_html(reports));
}

}  // namespace

ExitCode run_report(const JobOptions& job) {
  JobOutput output(job.run);
  const auto text = read_file(job.file);
  if (!text) {
    output.complain(fmt::format("cannot read {}: {}", job.file, text.error()));
    return ExitCode::run_failed;
  }
  auto reports = read_reports(*text);
  if (!reports) {
    output.complain(fmt::format("{} is no report of weir load: {}", job.file, reports.error()));
    return ExitCode::run_failed;
  }
  if (reports->size() > 1) {
    show_sweep(*reports, job.run.output, output);
    return output.exit_code(ExitCode::done);
  }
  LoadReport& report = reports->front();
  // Its labels stay, its files were those of then.
  auto labels = std::move(report.options.output.labels);
  report.options.output = job.run.output;
  if (report.options.output.labels.empty()) report.options.output.labels = std::move(labels);
  output.print(report_text(report, output.result_style()));
  const std::vector<std::string> complaints = write_report_files(report);
  for (const std::string& sentence : complaints) output.complain(sentence);
  return complaints.empty() ? ExitCode::done : ExitCode::run_failed;
}

}  // namespace weir::tools::load
