#include "tools/weir/load/stats/hlog_reader.h"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/load/stats/histogram_codec.h"

namespace weir::tools::load {

namespace {

using TimePoint = std::chrono::system_clock::time_point;

/// The year 2112: two of them, a base and a stamp, fit into a signed count of nanoseconds.
constexpr double seconds_max = 4.5e9;

/// Seconds from 0 on, to the microsecond: a double has no more digits for the time of day.
std::optional<std::chrono::nanoseconds> parse_seconds(std::string_view text) {
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  if (!(seconds >= 0 && seconds <= seconds_max)) return std::nullopt;
  return std::chrono::microseconds(std::llround(seconds * 1e6));
}

/// What follows `name` in a header line `#[NAME: SECONDS (seconds since epoch)...`.
std::optional<TimePoint> parse_time(std::string_view text) {
  const auto since_epoch = parse_seconds(text.substr(0, text.find(' ')));
  if (!since_epoch) return std::nullopt;
  return TimePoint(*since_epoch);
}

/// Takes `prefix` off the front of `text`.
bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

/// Takes the field up to the next comma, and the comma; `nullopt` if there is none.
std::optional<std::string_view> take_field(std::string_view& line) {
  const auto comma = line.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  const std::string_view field = line.substr(0, comma);
  line.remove_prefix(comma + 1);
  return field;
}

}  // namespace

std::string HlogError::to_string() const { return fmt::format("line {}: {}", line, what); }

std::unexpected<HlogError> HlogReader::fail_here(std::string what) const {
  return std::unexpected(HlogError{.line = line_number_, .what = std::move(what)});
}

std::expected<bool, HlogError> HlogReader::read_line() {
  constexpr auto end_of_file = std::char_traits<char>::eof();
  line_.clear();
  ++line_number_;
  std::streambuf& bytes = *input_.rdbuf();
  for (auto c = bytes.sbumpc(); c != '\n'; c = bytes.sbumpc()) {
    if (c == end_of_file) return !line_.empty();
    if (line_.size() == hlog_line_bytes_max) {
      return fail_here(fmt::format("it is longer than {} MiB", hlog_line_bytes_max >> 20));
    }
    line_ += std::char_traits<char>::to_char_type(c);
  }
  if (line_.ends_with('\r')) line_.pop_back();
  return true;
}

std::expected<std::optional<HlogInterval>, HlogError> HlogReader::next() {
  for (;;) {
    const auto has_line = read_line();
    if (!has_line) return std::unexpected(has_line.error());
    if (!*has_line) break;
    const std::string_view line = line_;
    if (line.starts_with('#')) {
      if (const auto read = read_comment(line); !read) return std::unexpected(read.error());
    } else if (!has_version_ && !line.empty()) {
      break;
    } else if (!line.empty() && !line.starts_with("\"StartTimestamp\"")) {
      auto interval = read_interval(line);
      if (!interval) return std::unexpected(std::move(interval.error()));
      return std::move(*interval);
    }
  }
  if (!has_version_) {
    return fail_here("it is no HdrHistogram log: #[Histogram log format version 1.3] is missing");
  }
  return std::nullopt;
}

std::expected<void, HlogError> HlogReader::read_comment(std::string_view line) {
  if (take_prefix(line, "#[Histogram log format version ")) {
    if (line != "1.3]" && line != "1.2]") {
      return fail_here("this version of the format is not known; 1.2 and 1.3 are");
    }
    has_version_ = true;
  } else if (take_prefix(line, "#[StartTime: ")) {
    start_time_ = parse_time(line);
    if (!start_time_) return fail_here("StartTime is not a number of seconds");
  } else if (take_prefix(line, "#[BaseTime: ")) {
    base_time_ = parse_time(line);
    if (!base_time_) return fail_here("BaseTime is not a number of seconds");
  }
  return {};
}

std::expected<HlogInterval, HlogError> HlogReader::read_interval(std::string_view line) const {
  std::string tag;
  if (take_prefix(line, "Tag=")) {
    const auto field = take_field(line);
    if (!field || field->empty()) return fail_here("the tag is empty, or nothing follows it");
    tag = *field;
  }
  const auto start_text = take_field(line);
  const auto length_text = take_field(line);
  // In a unit of the writer's choice; readers take the maximum from the histogram.
  const auto maximum_text = take_field(line);
  if (!start_text || !length_text || !maximum_text) {
    return fail_here("it has fewer than four columns: it may be cut off");
  }
  const auto start = parse_seconds(*start_text);
  if (!start) return fail_here("its start is not a number of seconds");
  const auto length = parse_seconds(*length_text);
  if (!length) return fail_here("its length is not a number of seconds");
  auto histogram = decode_histogram(line);
  if (!histogram) return fail_here(fmt::format("the histogram: {}", to_text(histogram.error())));
  return HlogInterval{.tag = std::move(tag),
                      .start = absolute(*start),
                      .length = *length,
                      .histogram = *std::move(histogram)};
}

TimePoint HlogReader::absolute(std::chrono::nanoseconds stamp) const noexcept {
  if (base_time_) return *base_time_ + stamp;
  // As the Java reader does: without a base, stamps that lie a year before the start are no time
  // of day, but count from the start.
  constexpr std::chrono::hours year{24 * 365};
  if (start_time_ && TimePoint(stamp) < *start_time_ - year) return *start_time_ + stamp;
  return TimePoint(stamp);
}

}  // namespace weir::tools::load
