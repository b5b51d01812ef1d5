#include "tools/weir/load/stats/hlog_writer.h"

#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "tools/weir/load/stats/histogram_codec.h"

namespace weir::tools::load {

namespace {

double seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// A comment, made harmless: one line, no longer than a reader takes, never cut inside a character.
std::string comment_line(std::string_view comment) {
  std::string line = "# ";
  line += comment;
  std::size_t kept = std::min(line.size(), hlog_header_line_bytes_max);
  const auto is_continuation = [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  };
  while (kept < line.size() && kept > 0 && is_continuation(line[kept])) --kept;
  line.resize(kept);
  std::replace_if(
      line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return line + '\n';
}

std::string utc_text(std::chrono::system_clock::time_point time) {
  const std::time_t whole = std::chrono::system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&whole, &utc);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", utc.tm_year + 1900, utc.tm_mon + 1,
                     utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

}  // namespace

bool is_hlog_tag(std::string_view tag) noexcept {
  return !tag.empty() && std::ranges::all_of(tag, [](unsigned char c) {
    return c > 0x20 && c != 0x7f && c != ',' && c != '"';
  });
}

std::string hlog_header(const HlogHeader& header) {
  std::string text;
  for (const std::string& comment : header.comments) text += comment_line(comment);
  const double start_s = seconds(header.start.time_since_epoch());
  text += "#[Histogram log format version 1.3]\n";
  text += fmt::format("#[StartTime: {:.3f} (seconds since epoch), {}]\n", start_s,
                      utc_text(header.start));
  text += fmt::format("#[BaseTime: {:.3f} (seconds since epoch)]\n", start_s);
  text += R"("StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram")";
  return text + '\n';
}

std::string hlog_line(std::string_view tag, const HlogSpan& span, const Histogram& histogram) {
  constexpr double ns_per_ms = 1e6;
  return fmt::format("Tag={},{:.3f},{:.3f},{:.3f},{}\n", tag, seconds(span.start),
                     seconds(span.length), static_cast<double>(histogram.max()) / ns_per_ms,
                     encode_histogram(histogram));
}

Result<HlogWriter> HlogWriter::create(const std::string& path, const HlogHeader& header) {
  auto output = LineOutput::create(path);
  if (!output) return fail(output.error());
  return create(*std::move(output), header);
}

Result<HlogWriter> HlogWriter::create(LineOutput output, const HlogHeader& header) {
  HlogWriter writer(std::move(output));
  if (const auto written = writer.output_.write(hlog_header(header)); !written) {
    return fail(written.error());
  }
  return writer;
}

Result<> HlogWriter::write(std::string_view tag, const HlogSpan& span, const Histogram& histogram) {
  if (!is_hlog_tag(tag)) return fail(Error::option_invalid);
  if (is_broken()) return {};
  return output_.write(hlog_line(tag, span, histogram));
}

}  // namespace weir::tools::load
