// The rates of a run with datagrams. Bits are of payload: what the headers of UDP, IP and the link
// add is not counted.
#pragma once

#include <string>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

struct DatagramRates {
  double sent_per_s = 0;  ///< while it was sent
  double sent_bits_per_s = 0;
  double received_per_s = 0;  ///< right answers, until the last one
  double received_bits_per_s = 0;
  double loss_ratio = 0;  ///< of what was sent and decided
};

/// `report.datagrams` is there.
[[nodiscard]] DatagramRates datagram_rates(const LoadReport& report) noexcept;

/// `850 bit/s`, `4.1 Mbit/s`: powers of 1000.
[[nodiscard]] std::string format_bit_rate(double bits_per_second);

}  // namespace weir::tools::load
