#include "tools/weir/serve/udp_report.h"

#include <fmt/format.h>

namespace weir::tools::serve {

UdpReport& UdpReport::operator+=(const UdpReport& other) noexcept {
  datagrams_in += other.datagrams_in;
  bytes_in += other.bytes_in;
  stats += other.stats;
  refused += other.refused;
  streams += other.streams;
  return *this;
}

std::string summary_text(const UdpReport& report) {
  const UdpStats& stats = report.stats;
  std::string text = fmt::format(
      "{} datagrams in ({} bytes, {} trains), {} datagrams out ({} bytes, {} trains), {}, "
      "dropped {} newest and {} oldest of the queue, {} for want of memory, {} by the socket "
      "buffer, {} receive pauses",
      report.datagrams_in, report.bytes_in, stats.trains_received, stats.datagrams_sent,
      stats.bytes_sent, stats.trains_sent, report.refused.to_text(), stats.dropped_newest,
      stats.dropped_oldest, stats.dropped_no_memory, stats.dropped_by_kernel, stats.receive_pauses);
  // Of options that the program does not set: nobody wants to read a zero.
  if (stats.control_truncated != 0) {
    text += fmt::format(", {} receives with their control data cut off", stats.control_truncated);
  }
  return text;
}

}  // namespace weir::tools::serve
