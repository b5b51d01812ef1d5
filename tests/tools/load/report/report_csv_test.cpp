#include "tools/weir/load/report/report_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(ReportCsv, HasALineASecondWithUnits) {
  EXPECT_THAT(report_csv(example_open_report()),
              StartsWith("time_s,offered,sent,answered,errors,dropped,in_flight,queued,p50_ns,"
                         "p90_ns,p99_ns,p99.9_ns,max_ns,send_lag_p99_ns,generator_cpu_share,"
                         "steal_share\n"
                         "1,10000,10000,10000,0,0,0,0,100000,140000,149000,150000,2000000,0,0.25,"
                         "0.125\n"
                         "2,10000,10000,9999,"));
}

TEST(ReportCsv, TellsLossOfDatagramsOnly) {
  EXPECT_THAT(report_csv(example_datagram_report()), HasSubstr(",steal_share,lost\n"));
  EXPECT_THAT(report_csv(example_report()), Not(HasSubstr("lost")));
}

TEST(ReportCsv, RowsOfSeveralSecondsSayWhenTheyEnd) {
  LoadReport report = example_report();
  report.seconds = SecondSeries({SecondSummary(), SecondSummary()}, std::chrono::seconds(4));

  const std::string csv = report_csv(report);

  EXPECT_THAT(csv, HasSubstr("\n4,0,"));
  EXPECT_THAT(csv, HasSubstr("\n8,0,"));
}

}  // namespace
}  // namespace weir::tools::load
