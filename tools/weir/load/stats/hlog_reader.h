// Reads an HdrHistogram log back, a line at a time: ours (hlog_writer.h) and those of other
// programs that write version 1.2 or 1.3. Comments and empty lines may stand anywhere.
//
//     HlogReader reader(file);
//     for (;;) {
//       auto interval = reader.next();
//       if (!interval) ... interval.error().to_string() ...
//       if (!*interval) break;
//       ... (*interval)->histogram ...
//     }
#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

/// A longer line is an error. A histogram with 3 digits that has a sample in every bucket takes
/// less than 100 KiB.
inline constexpr std::size_t hlog_line_bytes_max = std::size_t{8} << 20;

struct HlogError {
  std::size_t line = 0;  ///< from 1
  std::string what{};    ///< a clause without a full stop

  /// line LINE: WHAT
  [[nodiscard]] std::string to_string() const;
};

struct HlogInterval {
  std::string tag{};  ///< empty: the line has none
  std::chrono::system_clock::time_point start{};
  std::chrono::nanoseconds length{};
  Histogram histogram;
};

/// After the first error, or the end, `next` must not be called again.
class HlogReader {
 public:
  /// \param input  outlives the reader
  explicit HlogReader(std::istream& input) : input_(input) {}

  /// The next interval; `nullopt` at the end. A log without an interval is no error, a text without
  /// the line that names the format's version is.
  [[nodiscard]] std::expected<std::optional<HlogInterval>, HlogError> next();

  /// From the header, once `next` was called; `nullopt` if it has none.
  [[nodiscard]] std::optional<std::chrono::system_clock::time_point> start_time() const noexcept {
    return start_time_;
  }

 private:
  [[nodiscard]] std::unexpected<HlogError> fail_here(std::string what) const;
  /// `false`: the input is at its end.
  [[nodiscard]] std::expected<bool, HlogError> read_line();
  [[nodiscard]] std::expected<void, HlogError> read_comment(std::string_view line);
  [[nodiscard]] std::expected<HlogInterval, HlogError> read_interval(std::string_view line) const;
  [[nodiscard]] std::chrono::system_clock::time_point absolute(
      std::chrono::nanoseconds stamp) const noexcept;

  std::istream& input_;
  std::string line_;
  std::size_t line_number_ = 0;
  bool has_version_ = false;
  std::optional<std::chrono::system_clock::time_point> start_time_;
  std::optional<std::chrono::system_clock::time_point> base_time_;
};

}  // namespace weir::tools::load
