// The .hlog of a run: each second's distributions, written while it goes on.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "tools/weir/load/engine/interval.h"
#include "tools/weir/load/stats/hlog_writer.h"

namespace weir::tools::load {

class IntervalLog {
 public:
  /// Creates the file. A failure is kept for `complaint`: the run goes on without it.
  /// \param about  what was run, a comment in the file
  IntervalLog(const std::string& path, const std::string& about);

  /// Tags: `response`, `service`, `send_lag`, `conn_wait`, `connect`: those that have samples.
  void add(std::chrono::nanoseconds begin, std::chrono::nanoseconds length,
           const Interval& interval);

  /// After the run: what went wrong, in a sentence; none: all is written.
  [[nodiscard]] std::optional<std::string> complaint();

 private:
  std::string path_;
  std::optional<HlogWriter> writer_;
  std::error_code error_;
};

}  // namespace weir::tools::load
