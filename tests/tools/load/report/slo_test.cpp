#include "tools/weir/load/report/slo.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"
#include "tools/weir/load/report/gate_lines.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

SloResult judged(const char* text, const LoadReport& report) {
  return judge_slo(parse_slo(text).value(), report).at(0);
}

TEST(Slo, ReadsConditions) {
  const auto terms =
      parse_slo("p99<2ms, p99.9 <= 10ms,err<0.1%,rate>=20k,loss<0.01%,max<1s,mean>5us");

  ASSERT_TRUE(terms) << terms.error().message;
  ASSERT_EQ(terms->size(), 7U);
  EXPECT_EQ((*terms)[0].metric, SloMetric::percentile);
  EXPECT_EQ((*terms)[0].percentile, 99);
  EXPECT_EQ((*terms)[0].relation, SloRelation::below);
  EXPECT_EQ((*terms)[0].limit, 2'000'000);
  EXPECT_EQ((*terms)[0].text, "p99<2ms");
  EXPECT_EQ((*terms)[1].percentile, 99.9);
  EXPECT_EQ((*terms)[1].relation, SloRelation::at_most);
  EXPECT_EQ((*terms)[1].text, "p99.9 <= 10ms");
  EXPECT_EQ((*terms)[2].metric, SloMetric::error_share);
  EXPECT_DOUBLE_EQ((*terms)[2].limit, 0.001);
  EXPECT_EQ((*terms)[3].metric, SloMetric::rate);
  EXPECT_EQ((*terms)[3].relation, SloRelation::at_least);
  EXPECT_EQ((*terms)[3].limit, 20'000);
  EXPECT_EQ((*terms)[4].metric, SloMetric::loss_share);
  EXPECT_EQ((*terms)[5].metric, SloMetric::max);
  EXPECT_EQ((*terms)[6].metric, SloMetric::mean);
  EXPECT_EQ((*terms)[6].relation, SloRelation::above);
}

TEST(Slo, SaysWhatIsWrong) {
  struct Vector {
    const char *text, *message;
  };
  for (const Vector& v : {
           Vector{"", "a condition is empty; write conditions such as p99<2ms,err<0.1%"},
           Vector{"p99<2ms,", "a condition is empty"},
           Vector{"p99", "\"p99\" compares nothing; write <, <=, > or >=, as in p99<2ms"},
           Vector{"p99=2ms", "compares nothing"},
           Vector{"p99<2", "\"p99<2\": \"2\" has no unit; write 2s"},
           Vector{"err<0.1", "\"0.1\" has no unit; shares are in percent, such as 0.1%"},
           Vector{"err<101%", "more than all"},
           Vector{"err<lots", "\"lots\" is not a share"},
           Vector{"rate>=20kB", "\"rate>=20kB\": "},
           Vector{"p999<2ms", "there is no metric \"p999\"; did you mean \"p99\"?"},
           Vector{"p0<2ms", "there is no metric \"p0\""},
           Vector{"errors<1%",
                  "there is no metric \"errors\"; known are p50, p99, p99.9, max, mean, err, loss "
                  "and rate"},
           Vector{"latency<2ms", "there is no metric \"latency\"; known are p50, p99, p99.9, max"},
           Vector{"<2ms", "there is no metric \"\""},
       }) {
    SCOPED_TRACE(v.text);

    const auto terms = parse_slo(v.text);

    ASSERT_FALSE(terms);
    EXPECT_THAT(terms.error().message, HasSubstr(v.message));
  }
}

TEST(Slo, RefusesALongList) {
  std::string text = "p99<2ms";
  for (int i = 0; i < 64; ++i) text += ",p99<2ms";

  EXPECT_FALSE(parse_slo(text));
}

TEST(Slo, ComparesWhatWasMeasured) {
  const LoadReport report = example_report();

  EXPECT_TRUE(judged("p50<101us", report).ok);
  EXPECT_FALSE(judged("p50<99us", report).ok);
  EXPECT_NEAR(judged("p50<99us", report).value, 100'000, 200);
  EXPECT_TRUE(judged("max<=2ms", report).ok);
  EXPECT_FALSE(judged("max<2ms", report).ok);
  EXPECT_TRUE(judged("mean>99us", report).ok);
  EXPECT_TRUE(judged("rate>=10k", report).ok);
  EXPECT_FALSE(judged("rate>10k", report).ok);
  EXPECT_TRUE(judged("err<0.1%", report).ok);
}

TEST(Slo, CountsEveryRequestThatWasNotAnswered) {
  LoadReport report = example_report();
  report.requests = {.offered = 1000,
                     .dropped = 1,
                     .expired = 2,
                     .unsent = 3,
                     .sent = 994,
                     .answered = 979,
                     .failed = 4,
                     .timed_out = 5,
                     .pending = 6};

  EXPECT_DOUBLE_EQ(judged("err<1%", report).value, 0.021);
  EXPECT_FALSE(judged("err<2.1%", report).ok);
  EXPECT_TRUE(judged("err<=2.1%", report).ok);
}

TEST(Slo, SharesLossOutOfWhatWasDecided) {
  const SloResult result = judged("loss<5%", example_datagram_report());

  EXPECT_DOUBLE_EQ(result.value, 0.1);
  EXPECT_FALSE(result.ok);
  EXPECT_FALSE(judged("loss<5%", example_report()).ok);
}

TEST(Slo, CensoredPercentilesMayBeAnything) {
  LoadReport report;
  for (int i = 0; i < 90; ++i) report.latency.response.record(1'000'000);
  for (int i = 0; i < 10; ++i) report.latency.response.record_censored(5'000'000);

  EXPECT_TRUE(judged("p50<2ms", report).ok);
  const SloResult bound = judged("p99<10ms", report);
  EXPECT_FALSE(bound.ok);
  EXPECT_TRUE(bound.is_lower_bound);
  EXPECT_NEAR(bound.value, 5'000'000, 5'000);
  EXPECT_FALSE(judged("max<1h", report).ok);
  EXPECT_TRUE(judged("p99>4ms", report).ok);
  EXPECT_FALSE(judged("p99>6ms", report).ok);
  EXPECT_TRUE(judged("mean<10ms", report).is_lower_bound);
  EXPECT_FALSE(judged("mean<10ms", report).ok);
}

TEST(Slo, ABoundWithAnUpperEndIsJudgedByIt) {
  LoadReport report;
  for (std::uint64_t i = 1; i <= 100; ++i) report.latency.response.record(i * 1'000'000);
  report.latency.response.record_censored(10'000'000);

  EXPECT_TRUE(judged("p50<60ms", report).ok);
  EXPECT_FALSE(judged("p50<50ms", report).ok);
}

TEST(Slo, PercentilesOfSingleSamplesStandInParentheses) {
  LoadReport report;
  for (std::uint64_t i = 1; i <= 1'000; ++i) report.latency.response.record(1'000'000);

  const SloResult exact = judged("p99<2ms", report);
  const SloResult sparse = judged("p99.9<2ms", report);
  report.slo = {exact, sparse};

  EXPECT_FALSE(exact.is_sparse);  // ten samples are beyond it
  EXPECT_TRUE(sparse.is_sparse);
  EXPECT_TRUE(sparse.ok);
  EXPECT_EQ(slo_lines(report, {}),
            "SLO    pass  p99<2ms: 1.0 ms\n"
            "SLO    pass  p99.9<2ms: (1.0 ms)\n");
  EXPECT_FALSE(judged("max<2ms", report).is_sparse);
}

TEST(Slo, NothingMeasuredReachesNoLatency) {
  const LoadReport report;

  EXPECT_FALSE(judged("p99<1h", report).ok);
  EXPECT_FALSE(judged("max>0ns", report).ok);
  EXPECT_FALSE(judged("rate>=1", report).ok);
}

}  // namespace
}  // namespace weir::tools::load
