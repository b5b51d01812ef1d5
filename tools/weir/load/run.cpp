#include "tools/weir/load/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fmt/format.h>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/engine/measure.h"

namespace weir::tools::load {
namespace {

TextStyle style_of(int fd) { return choose_text_style(read_text_environment(fd)); }

std::function<void(const ProgressSample&)> make_progress(ProgressChoice choice) {
  if (choice == ProgressChoice::none) return {};
  const TextStyle style = style_of(STDERR_FILENO);
  if (choice == ProgressChoice::plain || ::isatty(STDERR_FILENO) == 0) {
    return [style](const ProgressSample& sample) {
      fmt::print(stderr, "{}\n", plain_line(sample, style));
    };
  }
  return [style](const ProgressSample& sample) {
    fmt::print(stderr, "\r\033[K{}", live_line(sample, style));
    std::fflush(stderr);
  };
}

/// False, with the reason printed, if the file can't be written.
bool write_file(const std::string& path, const std::string& text) {
  std::FILE* const file = std::fopen(path.c_str(), "w");
  const bool written =
      file != nullptr && std::fwrite(text.data(), 1, text.size(), file) == text.size();
  const bool closed = file == nullptr || std::fclose(file) == 0;
  if (written && closed) return true;
  fmt::print(stderr, "weir load: cannot write {}: {}\n", path, std::strerror(errno));
  return false;
}

}  // namespace

ExitCode run(const JobOptions& job, const std::vector<std::string>& arguments) {
  const Options& options = job.run;
  RunSinks sinks;
  sinks.progress = make_progress(options.progress);
  const auto& progress = sinks.progress;
  auto measured = measure(options, sinks);
  if (progress && options.progress == ProgressChoice::automatic && ::isatty(STDERR_FILENO) != 0) {
    fmt::print(stderr, "\r\033[K");
  }
  if (!measured) {
    fmt::print(stderr, "weir load: {}\n", measured.error());
    return ExitCode::run_failed;
  }
  LoadReport& report = *measured;
  report.arguments = arguments;
  if (options.output.json_path == "-") {
    fmt::print("{}\n", report_json(report));
    return exit_code_of(report);
  }
  fmt::print("{}", report_text(report, style_of(STDOUT_FILENO)));
  if (options.output.json_path &&
      !write_file(*options.output.json_path, report_json(report) + "\n")) {
    return ExitCode::run_failed;
  }
  return exit_code_of(report);
}

}  // namespace weir::tools::load
