// What a job of several runs says and writes: its course to stderr, its result to stdout and into
// files.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/json_text.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/jobs/runner.h"

namespace weir::tools::load {

class JobOutput {
 public:
  explicit JobOutput(const Options& run);

  /// A line of the job's course, unless --progress none.
  void tell(std::string_view line) const;
  /// What went wrong, in a sentence without a full stop.
  void complain(std::string_view sentence) const;
  /// Complains, and the job is not done.
  void fail(std::string_view sentence);
  /// The result for people, unless stdout is one of the files.
  void print(std::string_view text) const;
  /// To where `path` says, if it says so. A failure is complained about.
  /// \param name  what it is: "JSON"
  void write(std::string_view name, const std::optional<std::string>& path, std::string_view text);

  [[nodiscard]] TextStyle progress_style() const noexcept { return progress_style_; }
  [[nodiscard]] TextStyle result_style() const noexcept { return result_style_; }
  /// `code`, but a job whose outputs could not be written is not done.
  [[nodiscard]] ExitCode exit_code(ExitCode code) const noexcept;

 private:
  const Options& run_;
  TextStyle progress_style_;
  TextStyle result_style_;
  bool has_failed_ = false;
};

/// Runs that happen, and what is the same in all of them.
class JobRuns {
 public:
  explicit JobRuns(std::vector<std::string> arguments) : arguments_(std::move(arguments)) {}

  /// Borrows this.
  [[nodiscard]] Runner runner();

  /// The keys `start_unix_s`, `labels`, `config` and `env` of a job's JSON, as in `weir.load/1`;
  /// of the last run.
  void add_facts(Json& json) const;

 private:
  std::vector<std::string> arguments_;
  std::optional<std::chrono::system_clock::time_point> start_;
  LoadReport last_;  ///< without results
};

}  // namespace weir::tools::load
