#include "tools/weir/load/report/datagram_rates.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr double bits_per_byte = 8;

double per_second(std::uint64_t count, std::chrono::nanoseconds duration) noexcept {
  const double seconds = std::chrono::duration<double>(duration).count();
  return seconds > 0 ? static_cast<double>(count) / seconds : 0;
}

}  // namespace

DatagramRates datagram_rates(const LoadReport& report) noexcept {
  const DatagramResult& result = *report.datagrams;
  const auto bits = bits_per_byte * static_cast<double>(report.options.message_bytes);
  // A schedule of one second with a thousand datagrams ends a millisecond before the second does.
  const auto sending = report.options.rate && report.requests.sent == report.requests.offered
                           ? std::max(result.sending, report.options.duration)
                           : result.sending;
  DatagramRates rates;
  rates.sent_per_s = per_second(report.requests.sent, sending);
  rates.sent_bits_per_s = rates.sent_per_s * bits;
  rates.received_per_s = rate_of(report);
  rates.received_bits_per_s = rates.received_per_s * bits;
  const std::uint64_t decided = result.counts.unique + result.counts.lost;
  if (decided > 0) {
    rates.loss_ratio = static_cast<double>(result.counts.lost) / static_cast<double>(decided);
  }
  return rates;
}

std::string format_bit_rate(double bits_per_second) {
  constexpr std::array names = {"bit/s", "kbit/s", "Mbit/s", "Gbit/s"};
  std::size_t scale = 0;
  while (std::round(bits_per_second) >= 1000 && scale + 1 < names.size()) {
    bits_per_second /= 1000;
    ++scale;
  }
  const bool is_short = scale > 0 && bits_per_second < 99.95;
  return fmt::format("{:.{}f} {}", bits_per_second, is_short ? 1 : 0, names[scale]);
}

}  // namespace weir::tools::load
