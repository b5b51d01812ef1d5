// ReplayTrace: the requests of a recorded load, read line by line while it is sent.
//
//     # time since the beginning in nanoseconds, payload in bytes (may be left out)
//     0,64
//     1500000,1200
//     1500000            at the same time as the one before
//
// A block of the file is in memory at a time, however long it is. An error in line 10^9 would be
// found after hours: `survey_trace` reads a trace through before anything is sent.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::load {

struct TraceEntry {
  std::chrono::nanoseconds time;  ///< since the beginning
  std::optional<std::uint32_t> payload_bytes;

  bool operator==(const TraceEntry&) const = default;
};

/// Invariant: begin_ <= end_ <= block_.size()
class ReplayTrace {
 public:
  static constexpr std::size_t line_bytes_max = 4096;
  static constexpr std::uint32_t payload_bytes_max = std::uint32_t{1} << 30;
  /// A longer trace is likely one with times of the day in it.
  static constexpr std::chrono::nanoseconds time_max = std::chrono::hours(24 * 365);

  [[nodiscard]] static Checked<ReplayTrace> open(const std::string& file);

  /// \param file  only named in errors, which are FILE:LINE: WHAT
  ReplayTrace(std::unique_ptr<std::istream> source, std::string file);
  ReplayTrace(ReplayTrace&&) noexcept;
  ReplayTrace& operator=(ReplayTrace&&) noexcept;
  ~ReplayTrace();

  /// The next request, not before the last; `nullopt` at the end. Reads the file now and then, so
  /// it may wait for a disk. After an error: the same error.
  [[nodiscard]] Checked<std::optional<TraceEntry>> next();

  [[nodiscard]] const std::string& file() const noexcept { return file_; }

 private:
  [[nodiscard]] Checked<std::optional<TraceEntry>> next_entry();
  [[nodiscard]] Checked<std::optional<std::string_view>> next_line();
  [[nodiscard]] Checked<void> fill_block();
  [[nodiscard]] std::unexpected<UsageError> refuse(std::string_view what) const;

  std::unique_ptr<std::istream> source_;
  std::string file_;
  std::vector<char> block_;
  std::size_t begin_ = 0;  // of what is not yet taken
  std::size_t end_ = 0;
  std::uint64_t line_number_ = 0;
  std::chrono::nanoseconds last_time_{};
  std::optional<UsageError> error_;
};

struct TraceSummary {
  std::uint64_t requests = 0;
  std::chrono::nanoseconds last_time{};
  std::uint32_t payload_bytes_max = 0;  ///< 0 if no line has a payload
  std::uint32_t payload_bytes_min = 0;  ///< of the lines that have one
  std::uint64_t requests_with_payload = 0;

  bool operator==(const TraceSummary&) const = default;
};

/// Reads all of `trace`; an error if it has no requests.
[[nodiscard]] Checked<TraceSummary> survey_trace(ReplayTrace trace);

}  // namespace weir::tools::load
