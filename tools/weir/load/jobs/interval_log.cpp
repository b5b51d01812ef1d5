#include "tools/weir/load/jobs/interval_log.h"

#include <unistd.h>

#include <array>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/line_output.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view stdout_name = "-";

Result<HlogWriter> open_log(const std::string& path, const HlogHeader& header) {
  if (path != stdout_name) return HlogWriter::create(path, header);
  const int fd = ::dup(STDOUT_FILENO);
  if (fd < 0) return std::unexpected(std::error_code(errno, std::system_category()));
  return HlogWriter::create(LineOutput(fd), header);
}

}  // namespace

IntervalLog::IntervalLog(const std::string& path, const std::string& about) : path_(path) {
  auto writer = open_log(path, {.start = std::chrono::system_clock::now(), .comments = {about}});
  if (writer) {
    writer_.emplace(*std::move(writer));
  } else {
    error_ = writer.error();
  }
}

void IntervalLog::add(std::chrono::nanoseconds begin, std::chrono::nanoseconds length,
                      const Interval& interval) {
  if (!writer_) return;
  const LatencySet& latency = interval.latency;
  const std::array<std::pair<std::string_view, const Histogram*>, 5> distributions = {
      {{"response", &latency.response.all()},
       {"service", &latency.service.all()},
       {"send_lag", &latency.send_lag},
       {"conn_wait", &latency.connection_wait},
       {"connect", &latency.connect}}};
  for (const auto& [tag, histogram] : distributions) {
    if (histogram->empty()) continue;
    const Result<> written = writer_->write(tag, {.start = begin, .length = length}, *histogram);
    if (!written && !error_) error_ = written.error();
  }
}

std::optional<std::string> IntervalLog::complaint() {
  if (writer_) {
    const Result<> closed = writer_->close();
    if (!closed && !error_) error_ = closed.error();
  }
  if (!error_) return std::nullopt;
  return fmt::format("cannot write {}: {}", path_, error_.message());
}

}  // namespace weir::tools::load
