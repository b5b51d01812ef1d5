#include "tools/weir/load/report/datagram_rates.h"

#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

TEST(DatagramRates, DivideByTheTimesTheyBelongTo) {
  const DatagramRates rates = datagram_rates(example_datagram_report());

  EXPECT_DOUBLE_EQ(rates.sent_per_s, 10'000);
  EXPECT_DOUBLE_EQ(rates.sent_bits_per_s, 10'000 * 64 * 8);
  EXPECT_DOUBLE_EQ(rates.received_per_s, 9'000);
  EXPECT_DOUBLE_EQ(rates.received_bits_per_s, 9'000 * 64 * 8);
  EXPECT_DOUBLE_EQ(rates.loss_ratio, 0.1);
}

TEST(DatagramRates, AreZeroOfNothing) {
  LoadReport report;
  report.datagrams.emplace();

  const DatagramRates rates = datagram_rates(report);

  EXPECT_EQ(rates.sent_per_s, 0);
  EXPECT_EQ(rates.loss_ratio, 0);
}

TEST(DatagramRates, BitRatesHaveThreeDigits) {
  EXPECT_EQ(format_bit_rate(0), "0 bit/s");
  EXPECT_EQ(format_bit_rate(850), "850 bit/s");
  EXPECT_EQ(format_bit_rate(4'123'000), "4.1 Mbit/s");
  EXPECT_EQ(format_bit_rate(123'000'000), "123 Mbit/s");
  EXPECT_EQ(format_bit_rate(12'345'000'000'000), "12345 Gbit/s");
}

}  // namespace
}  // namespace weir::tools::load
