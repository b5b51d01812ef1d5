#include "tools/weir/load/report/report_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/line_output.h"
#include "tools/weir/load/report/report_csv.h"
#include "tools/weir/load/report/report_html.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view stdout_path = "-";

struct Output {
  std::string_view name;
  std::optional<std::string> OutputChoice::* path;
  std::string (*make)(const LoadReport& report);
};

std::string json_file(const LoadReport& report) { return report_json(report) + '\n'; }

constexpr std::array outputs = {Output{"JSON", &OutputChoice::json_path, json_file},
                                Output{"CSV", &OutputChoice::csv_path, report_csv},
                                Output{"HTML", &OutputChoice::html_path, report_html}};

Result<LineOutput> open_output(const std::string& path) {
  if (path != stdout_path) return LineOutput::create(path);
  std::fflush(stdout);
  const int fd = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return fail_errno(errno);
  return LineOutput(fd);
}

Result<> write_text(const std::string& path, std::string_view text) {
  auto file = open_output(path);
  if (!file) return std::unexpected(file.error());
  if (const auto written = file->write(text); !written) return written;
  return file->close();
}

}  // namespace

bool claims_stdout(const OutputChoice& output) noexcept {
  for (const Output& one : outputs) {
    if (output.*one.path == stdout_path) return true;
  }
  return false;
}

std::optional<std::string> write_output(std::string_view name, const std::string& path,
                                        std::string_view text) {
  const auto written = write_text(path, text);
  if (written) return std::nullopt;
  return fmt::format("cannot write the {} report to {}: {}", name,
                     path == stdout_path ? "stdout" : path, written.error().message());
}

std::vector<std::string> write_report_files(const LoadReport& report) {
  std::vector<std::string> failures;
  bool is_stdout_taken = false;
  for (const Output& one : outputs) {
    const auto& path = report.options.output.*one.path;
    if (!path) continue;
    const bool is_stdout = *path == stdout_path;
    if (is_stdout && is_stdout_taken) {
      failures.push_back(fmt::format(
          "cannot write the {} report to stdout as well: it has one already; name a file",
          one.name));
      continue;
    }
    is_stdout_taken = is_stdout_taken || is_stdout;
    if (auto failure = write_output(one.name, *path, one.make(report))) {
      failures.push_back(*std::move(failure));
    }
  }
  return failures;
}

}  // namespace weir::tools::load
