#include "tools/weir/load/plan/replay_trace.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <istream>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"
#include "tools/weir/load/plan/list_line.h"
#include "weir/base/assert.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t trace_block_bytes = std::size_t{64} << 10;
static_assert(trace_block_bytes > ReplayTrace::line_bytes_max);

std::string reason_of(int error) {
  return std::error_code(error, std::generic_category()).message();
}

Checked<TraceEntry> parse_entry(const ListLine& line) {
  const auto time_ns = parse_number(line.first);
  if (!time_ns) {
    return usage_error(
        fmt::format("\"{}\" is not a time; write whole nanoseconds since the beginning, and a "
                    "payload in bytes after a comma if you like, such as 1500000,64",
                    line.first));
  }
  if (*time_ns > static_cast<std::uint64_t>(ReplayTrace::time_max.count())) {
    return usage_error(fmt::format(
        "{} ns is more than a year; times count from the beginning of the load, which is 0",
        *time_ns));
  }
  TraceEntry entry{.time = std::chrono::nanoseconds(*time_ns), .payload_bytes = std::nullopt};
  if (!line.second) return entry;
  const auto bytes = parse_number(*line.second);
  if (!bytes || *bytes > ReplayTrace::payload_bytes_max) {
    return usage_error(fmt::format("\"{}\" is not a payload; write whole bytes, at most {}",
                                   *line.second, ReplayTrace::payload_bytes_max));
  }
  entry.payload_bytes = static_cast<std::uint32_t>(*bytes);
  return entry;
}

}  // namespace

Checked<ReplayTrace> ReplayTrace::open(const std::string& file) {
  errno = 0;
  auto source = std::make_unique<std::ifstream>(file, std::ios::binary);
  if (!source->is_open()) {
    return usage_error(fmt::format("cannot read {}: {}", file, reason_of(errno)));
  }
  return ReplayTrace(std::move(source), file);
}

ReplayTrace::ReplayTrace(std::unique_ptr<std::istream> source, std::string file)
    : source_(std::move(source)), file_(std::move(file)), block_(trace_block_bytes) {}

ReplayTrace::ReplayTrace(ReplayTrace&&) noexcept = default;
ReplayTrace& ReplayTrace::operator=(ReplayTrace&&) noexcept = default;
ReplayTrace::~ReplayTrace() = default;

Checked<std::optional<TraceEntry>> ReplayTrace::next() {
  if (error_) return std::unexpected(*error_);
  const auto entry = next_entry();
  if (!entry) error_ = entry.error();
  return entry;
}

Checked<std::optional<TraceEntry>> ReplayTrace::next_entry() {
  while (true) {
    const auto line = next_line();
    if (!line) return std::unexpected(line.error());
    if (!*line) return std::nullopt;
    const auto parts = split_list_line(**line);
    if (!parts) continue;
    const auto entry = parse_entry(*parts);
    if (!entry) return refuse(entry.error().message);
    if (entry->time < last_time_) {
      return refuse(fmt::format("{} ns comes before the request above it ({} ns); sort the trace",
                                entry->time.count(), last_time_.count()));
    }
    last_time_ = entry->time;
    return *entry;
  }
}

Checked<std::optional<std::string_view>> ReplayTrace::next_line() {
  const auto rest = [this] { return std::string_view(block_.data() + begin_, end_ - begin_); };
  ++line_number_;
  std::size_t length = rest().find('\n');
  if (length == std::string_view::npos) {
    if (const auto filled = fill_block(); !filled) return std::unexpected(filled.error());
    if (rest().empty()) return std::nullopt;
    length = rest().find('\n');
  }
  // The last line may have no end.
  const std::string_view line = rest().substr(0, length);
  if (line.size() > line_bytes_max) {
    return refuse(fmt::format("longer than {} bytes", line_bytes_max));
  }
  begin_ = std::min(begin_ + line.size() + 1, end_);
  return line;
}

Checked<void> ReplayTrace::fill_block() {
  std::memmove(block_.data(), block_.data() + begin_, end_ - begin_);
  end_ -= std::exchange(begin_, 0);
  if (!source_->good()) return {};
  errno = 0;
  source_->read(block_.data() + end_, static_cast<std::streamsize>(block_.size() - end_));
  if (source_->bad()) {
    return usage_error(fmt::format("cannot read {}: {}", file_, reason_of(errno)));
  }
  end_ += static_cast<std::size_t>(source_->gcount());
  WEIR_ASSERT(end_ <= block_.size());
  return {};
}

std::unexpected<UsageError> ReplayTrace::refuse(std::string_view what) const {
  return usage_error(fmt::format("{}:{}: {}", file_, line_number_, what));
}

Checked<TraceSummary> survey_trace(ReplayTrace trace) {
  TraceSummary summary;
  while (true) {
    const auto entry = trace.next();
    if (!entry) return std::unexpected(entry.error());
    if (!*entry) break;
    ++summary.requests;
    summary.last_time = (*entry)->time;
    if (!(*entry)->payload_bytes) continue;
    const bool is_first = summary.requests_with_payload++ == 0;
    summary.payload_bytes_min = is_first
                                    ? *(*entry)->payload_bytes
                                    : std::min(summary.payload_bytes_min, *(*entry)->payload_bytes);
    summary.payload_bytes_max = std::max(summary.payload_bytes_max, *(*entry)->payload_bytes);
  }
  if (summary.requests == 0) return usage_error(fmt::format("{} has no requests", trace.file()));
  return summary;
}

}  // namespace weir::tools::load
