// The same result as text, JSON, Markdown and HTML.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/support/example_suite.h"
#include "tools/weir/bench/report/ratio_chart.h"
#include "tools/weir/bench/report/suite_html.h"
#include "tools/weir/bench/report/suite_json.h"
#include "tools/weir/bench/report/suite_markdown.h"
#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/library_versions.h"
#include "tools/weir/load/report/latency_json.h"

namespace weir::tools::bench {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* command = "weir bench echo -o results";

TEST(SuiteText, ShowsServersRatiosAndTargets) {
  const SuiteResult result = example_suite(1.2);

  EXPECT_THAT(case_text(result.cases[0]),
              AllOf(HasSubstr("echo 64B-c64-d1: 64 B, 64 connections, depth 1"),
                    HasSubstr("weir_uring / raw_uring*"), HasSubstr("slower; <= 1.03: missed"),
                    HasSubstr("CPU a request"), HasSubstr("rate of requests"), HasSubstr("A/A")));
  EXPECT_THAT(summary_text(result), AllOf(HasSubstr("weir_uring / uv"),
                                          HasSubstr("over 1 case, 8 rounds, faster; <= 0.87: met"),
                                          HasSubstr("Left out: evt: it was not built")));
}

TEST(SuiteText, AFailureIsShownWithWhatWasMeasuredBefore) {
  CaseResult failed = example_case(1.0);
  failed.failure = "uv: the load failed";

  EXPECT_THAT(case_text(failed), AllOf(HasSubstr("FAILED after 8 rounds: uv: the load failed"),
                                       HasSubstr("weir_uring / uv")));
}

TEST(SuiteText, AbsoluteLimitsAreJudged) {
  CaseResult idle = example_case(1.0);
  idle.spec.limits = {{.metric = SuiteMetric::memory, .limit = 1024}};
  idle.contenders[0].samples.add(SuiteMetric::memory, 932);
  idle.contenders[1].samples.add(SuiteMetric::memory, 1500);

  const std::vector<std::string> sentences = limit_sentences(idle);

  ASSERT_EQ(sentences.size(), 2U);
  EXPECT_EQ(sentences[0], "weir_uring: memory 932.0, at most 1024 wanted: met");
  EXPECT_EQ(sentences[1], "weir_epoll: memory 1500.0, at most 1024 wanted: missed");
}

/// As case_text, Markdown, HTML and JSON have it.
std::vector<std::string> all_reports(const SuiteResult& result) {
  return {case_text(result.cases[0]), suite_markdown(result, "Linux", command),
          suite_html(result, "Linux", command, "{}"), suite_json(result, command).dump()};
}

TEST(SuiteReports, AllSayWhereTheMachineWasUnstable) {
  SuiteResult result = example_suite(1.2);
  for (SuiteComparison& comparison : result.cases[0].comparisons) {
    comparison.verdict = load::ComparisonVerdict::unstable;
  }

  for (const std::string& report : all_reports(result)) {
    EXPECT_THAT(report, HasSubstr("unstable: more rounds, or a quieter machine"));
    EXPECT_THAT(report, Not(HasSubstr("1.03: missed")));
  }
  EXPECT_THAT(ratio_bars(result.cases[0], SuiteMetric::cpu), HasSubstr("var(--warn)"));
}

TEST(SuiteReports, AllSayThatFiveRoundsAreTooFew) {
  SuiteResult result = example_suite(1.2);
  for (SuiteComparison& comparison : result.cases[0].comparisons) comparison.ratio.pairs = 5;

  for (const std::string& report : all_reports(result)) {
    EXPECT_THAT(report, HasSubstr("too few rounds"));
    EXPECT_THAT(report, Not(HasSubstr("1.03: missed")));
  }
}

TEST(SuiteReports, AllShowTheStandingBesideTheTarget) {
  const std::vector<std::string> reports = all_reports(example_suite(1.2));

  EXPECT_THAT(reports[0], HasSubstr("slower; <= 1.03: missed"));
  EXPECT_THAT(reports[1], HasSubstr("slower; <= 1.03: missed"));
  EXPECT_THAT(reports[2], HasSubstr("slower; &lt;= 1.03: missed"));
}

std::string html_of(const SuiteResult& result) {
  return suite_html(result, "Linux", command, "{}");
}

TEST(SuiteHtml, IsGreenOnlyIfAllWasMet) {
  constexpr const char* green = R"(<div class="verdict good">)";
  SuiteResult result = example_suite(0.9);
  EXPECT_THAT(html_of(result), HasSubstr(green));

  SuiteResult failed = result;
  failed.cases[0].failure = "uv: the load failed";
  EXPECT_THAT(html_of(failed), AllOf(Not(HasSubstr(green)), HasSubstr("; 1 case failed")));

  SuiteComparison& one = result.cases[0].comparisons.front();
  ASSERT_TRUE(one.target.has_value());
  one.ratio = {.estimate = *one.target * 1.01, .low = 0.9, .high = 1.2, .pairs = 8};
  EXPECT_THAT(html_of(result), Not(HasSubstr(green)));
}

TEST(SuiteHtml, AMissedLimitIsMissedAsARatioIs) {
  SuiteResult result = example_suite(0.9);
  result.cases[0].spec.limits = {{.metric = SuiteMetric::memory, .limit = 1024}};
  result.cases[0].contenders[0].samples.add(SuiteMetric::memory, 932);
  const std::string met = html_of(result);
  result.cases[0].contenders[1].samples.add(SuiteMetric::memory, 1500);

  const std::string missed = html_of(result);

  EXPECT_THAT(met, AllOf(HasSubstr("<div class=\"verdict good\"><p><b>"),
                         HasSubstr(" targets met, 0 missed")));
  EXPECT_THAT(missed,
              AllOf(HasSubstr("<div class=\"verdict warn\"><p><b>"), HasSubstr(", 1 missed"),
                    HasSubstr("<li>echo 64B-c64-d1: weir_epoll: memory 1500.0, at most 1024 "
                              "wanted: missed</li>")));
}

TEST(SuiteJson, HasTheFieldsOfGoogleBenchmark) {
  SuiteResult result = example_suite();
  result.machine.cpus_allowed = 6;  // this process may be pinned by now

  const Json json = suite_json(result, command);

  EXPECT_EQ(json.at("context").at("command"), command);
  EXPECT_EQ(json.at("context").at("noise")[0].at("value"), "3.10");
  EXPECT_EQ(json.at("context").at("after").at("load_average"), "3.10 1.00 0.50 1/99 2");
  EXPECT_EQ(json.at("context").at("stolen_ms"), 0);
  EXPECT_TRUE(json.at("context").at("machine").contains("sysctl"));
  EXPECT_EQ(json.at("context").at("machine").at("cpus_allowed"), 6);
  const Json& benchmarks = json.at("benchmarks");
  ASSERT_EQ(benchmarks.size(), 6U * 8U);
  const Json& first = benchmarks[0];
  EXPECT_EQ(first.at("name"), "echo/64B-c64-d1/weir_uring");
  EXPECT_EQ(first.at("run_type"), "iteration");
  EXPECT_EQ(first.at("repetition_index"), 0);
  EXPECT_EQ(first.at("time_unit"), "ns");
  EXPECT_DOUBLE_EQ(first.at("cpu_time").get<double>(),
                   result.cases[0].contenders[0].samples.of(SuiteMetric::cpu)[0]);
  EXPECT_GT(first.at("items_per_second").get<double>(), 0);
}

TEST(SuiteJson, HasWhatTheSuiteFound) {
  const Json json = suite_json(example_suite(1.2), command);

  const Json& one = json.at("weir").at("cases").at(0);
  EXPECT_EQ(one.at("contenders").size(), 6U);
  EXPECT_EQ(one.at("contenders")[0].at("command"), "/bin/weir_uring echo --port 0");
  EXPECT_EQ(one.at("comparisons")[0].at("numerator"), "weir_uring");
  EXPECT_EQ(one.at("no_change").size(), 2U);
  EXPECT_EQ(json.at("weir").at("left_out").size(), 1U);
}

TEST(SuiteJson, HasEachContendersLatencyAsWeirLoadWritesIt) {
  SuiteResult result = example_suite();
  result.cases[0].contenders[5].latency.reset();

  const Json json = suite_json(result, command);

  const Json& contenders = json.at("weir").at("cases").at(0).at("contenders");
  const Json& latency = contenders[4].at("latency").at("service");
  const auto samples = load::latency_from_json(latency);
  ASSERT_TRUE(samples.has_value()) << samples.error();
  EXPECT_EQ(samples->count(), 2000U);
  EXPECT_EQ(samples->percentile(50), example_latency(1.0).samples.percentile(50));
  EXPECT_EQ(latency.at("p").at("50"), samples->percentile(50).value);
  EXPECT_EQ(latency.at("unit"), "ns");
  EXPECT_FALSE(contenders[5].contains("latency"));
}

TEST(SuiteJson, TheSpreadOfTheRoundsWidensAnInterval) {
  SuiteResult result = example_suite();
  for (int round = 0; round < 12; ++round) {
    result.cases[0].contenders[0].samples.add(SuiteMetric::p50, round % 2 == 0 ? 10.0 : 30.0);
  }

  const Json json = suite_json(result, command);

  const Json& contenders = json.at("weir").at("cases").at(0).at("contenders");
  const auto width_of = [](const Json& contender) {
    const Json& interval = contender.at("latency").at("service").at("ci95").at("50");
    return interval[1].get<int>() - interval[0].get<int>();
  };
  EXPECT_LT(width_of(contenders[4]), 2000);
  EXPECT_GT(width_of(contenders[0]), 10'000);
}

TEST(SuiteMarkdown, HasTablesAndTheCommand) {
  const std::string text = suite_markdown(example_suite(1.2), "Linux, 2 CPUs", command);

  EXPECT_THAT(text, AllOf(HasSubstr("`weir bench echo -o results`: Linux, 2 CPUs, 8 rounds"),
                          HasSubstr("### 64B-c64-d1"), HasSubstr("| weir_uring / raw_uring* |"),
                          HasSubstr("| echo, CPU | weir_uring / uv | "),
                          HasSubstr("faster; <= 0.87: met")));
}

TEST(SuiteHtml, HasEveryNumbersCommandAndNoForeignMarkup) {
  SuiteResult result = example_suite(1.2);
  result.cases[0].command = "weir bench echo --full --only '^echo 64B-c64-d1:' --seed 1";
  result.cases[0].contenders[3].spec.command.emplace_back("<script>owned</script>");

  const std::string html = suite_html(result, "Linux", command, "{}");

  EXPECT_THAT(html,
              AllOf(HasSubstr("weir bench echo -o results"), HasSubstr("/bin/uv echo"),
                    HasSubstr("bench echo --full --only &#39;^echo 64B-c64-d1:&#39; --seed 1"),
                    HasSubstr("Noisy here: load = 3.10"), HasSubstr("missed"),
                    Not(HasSubstr("<script>owned"))));
}

TEST(SuiteReports, NameTheCompilersFlagsAndTheLibraries) {
  const SuiteResult result = example_suite();

  for (const std::string& report : {suite_markdown(result, "Linux", command), html_of(result)}) {
    EXPECT_THAT(report, AllOf(HasSubstr(std::string(build_flags())), HasSubstr(library_line())));
  }
  const Json json = suite_json(result, command);
  const Json& machine = json.at("context").at("machine");
  EXPECT_EQ(machine.at("compiler_flags"), build_flags());
  EXPECT_TRUE(machine.at("libraries").contains("liburing"));
}

TEST(SuiteReports, HaveTheNetworkInterfacesAndTheirOffloads) {
  const SuiteResult result = example_suite();

  for (const std::string& report : {suite_markdown(result, "Linux", command), html_of(result)}) {
    EXPECT_THAT(report, HasSubstr("lo: MTU 65536, tso on, gro off"));
  }
  EXPECT_EQ(suite_json(result, command).at("context").at("machine").at("network_interfaces"),
            Json::array({{{"name", "lo"}, {"mtu", 65536}, {"tso", "on"}, {"gro", "off"}}}));
}

TEST(SuiteHtml, HasTheLatencyCurvesOfEachCase) {
  EXPECT_THAT(html_of(example_suite()), HasSubstr("<svg id=\"latency-echo-64B-c64-d1\""));
}

TEST(SuiteHtml, MarksANoisyRunInRedAndShowsTheLoadBeforeAndAfter) {
  const std::string html = suite_html(example_suite(1.0), "Linux", command, "{}");

  EXPECT_THAT(html, AllOf(HasSubstr("<div class=\"verdict bad\"><p>Noisy here: load = 3.10"),
                          HasSubstr("0.10 0.10 0.10"), HasSubstr("3.10 1.00 0.50"),
                          HasSubstr("taken by the hypervisor")));
}

TEST(RatioChart, DrawsABarForEachRatioAndAPointForEachRound) {
  const CaseResult result = example_case(1.2);

  const std::string bars = ratio_bars(result, SuiteMetric::cpu);
  const std::string strip = round_strip(result, SuiteMetric::cpu);

  EXPECT_THAT(bars, AllOf(HasSubstr("weir_uring / raw_uring*"), HasSubstr("target 1.03"),
                          HasSubstr("A/A: the same program twice")));
  std::size_t points = 0;
  for (std::size_t at = strip.find("<circle"); at != std::string::npos;
       at = strip.find("<circle", at + 1)) {
    ++points;
  }
  EXPECT_EQ(points, 2U * 8U);
  EXPECT_THAT(ratio_bars(result, SuiteMetric::memory), IsEmpty());
  EXPECT_THAT(round_strip(result, SuiteMetric::memory), IsEmpty());
}

}  // namespace
}  // namespace weir::tools::bench
