// Writes an HdrHistogram log: a text file with a line for each interval and tag, each with its
// whole histogram, which the tools of HdrHistogram read and plot.
//
//     # weir load tcp://127.0.0.1:7000
//     #[Histogram log format version 1.3]
//     #[StartTime: 1764359356.250 (seconds since epoch), 2025-11-28T19:49:16Z]
//     #[BaseTime: 1764359356.250 (seconds since epoch)]
//     "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//     Tag=response,0.000,1.000,3.104,HISTFAAAA...
//
// Start and length are in seconds, the start counted from BaseTime; the maximum is in milliseconds
// for values in ns. Once there are intervals no comment follows: the C reader ends at one.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/common/line_output.h"
#include "tools/weir/load/stats/histogram.h"
#include "weir/base/result.h"

namespace weir::tools::load {

/// The C reader (HdrHistogram_c) takes header lines into 128 bytes, line feed and end included, and
/// calls a longer one a wrong version.
inline constexpr std::size_t hlog_header_line_bytes_max = 126;

struct HlogHeader {
  std::chrono::system_clock::time_point start;  ///< what the intervals count from
  /// One line each. What does not fit into a header line is cut off.
  std::vector<std::string> comments{};
};

struct HlogSpan {
  std::chrono::nanoseconds start;  ///< since the header's start
  std::chrono::nanoseconds length;
};

/// A tag is not empty and has no commas, white space, control or quotation characters.
[[nodiscard]] bool is_hlog_tag(std::string_view tag) noexcept;

/// The lines before the first interval.
[[nodiscard]] std::string hlog_header(const HlogHeader& header);
/// One line, with its end.
[[nodiscard]] std::string hlog_line(std::string_view tag, const HlogSpan& span,
                                    const Histogram& histogram);

class HlogWriter {
 public:
  /// Creates the file and writes the header. Errors: those of open(2) and write(2).
  [[nodiscard]] static Result<HlogWriter> create(const std::string& path, const HlogHeader& header);
  [[nodiscard]] static Result<HlogWriter> create(LineOutput output, const HlogHeader& header);

  /// One interval of one tag, written at once. Errors: `Error::option_invalid` for what is no tag;
  /// those of write(2), of which only the first is returned: then the log is over.
  [[nodiscard]] Result<> write(std::string_view tag, const HlogSpan& span,
                               const Histogram& histogram);

  [[nodiscard]] Result<> close() { return output_.close(); }
  [[nodiscard]] bool is_broken() const noexcept { return output_.is_broken(); }

 private:
  explicit HlogWriter(LineOutput output) noexcept : output_(std::move(output)) {}

  LineOutput output_;
};

}  // namespace weir::tools::load
