// The study's JSON: Google Benchmark's fields, and what the machine did meanwhile.
#include "tools/weir/bench/nagle/study_json.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;

TEST(StudyJson, HasTheFieldsOfGoogleBenchmarkARound) {
  const CellSummary cell =
      test::cell(exchange_cell("N1", {4, 60}, WriteMode::nagle, milliseconds(1)),
                 {{{Metric::p50_us, 44'000}, {Metric::sender_cpu_us_per_message, 20}},
                  {{Metric::p50_us, 45'000}, {Metric::messages_per_s, 25}}});

  const Json json = study_json(test::study({cell}), "weir bench nagle");

  const Json& benchmarks = json.at("benchmarks");
  ASSERT_EQ(benchmarks.size(), 2U);
  EXPECT_EQ(benchmarks[0].at("name"), "nagle/N1 4 + 60 B, nagle, loopback");
  EXPECT_EQ(benchmarks[0].at("run_name"), benchmarks[1].at("run_name"));
  EXPECT_EQ(benchmarks[0].at("repetitions"), 2);
  EXPECT_EQ(benchmarks[1].at("repetition_index"), 1);
  EXPECT_EQ(benchmarks[0].at("time_unit"), "ns");
  EXPECT_EQ(benchmarks[0].at("real_time"), 44e6);
  EXPECT_EQ(benchmarks[0].at("cpu_time"), 20e3);
  EXPECT_EQ(benchmarks[1].at("items_per_second"), 25);
}

TEST(StudyJson, AFloodWithoutTimeStampsHasTheTimeFromOneToTheNext) {
  const CellSummary cell = test::cell(stream_cell("N5", 1, WriteMode::nagle, milliseconds(1)),
                                      {{{Metric::messages_per_s, 1000}}});

  const Json json = study_json(test::study({cell}), "");

  EXPECT_EQ(json.at("benchmarks")[0].at("real_time"), 1e6);
}

TEST(StudyJson, RecordsTheMachineAndTheCongestionControlOfEachCell) {
  CellSummary cell = test::cell(exchange_cell("N1", {4, 60}, WriteMode::nagle, milliseconds(1)),
                                {{{Metric::p50_us, 40}}});
  cell.congestion_control = "reno";
  cell.spec.settling = milliseconds(2500);
  StudyResult result = test::study({cell});
  result.record = {.before = {.load_average = "0.10 0.10 0.10 1/99 1", .stolen_ticks = 100},
                   .after = {.load_average = "3.10 1.00 0.50 1/99 2", .stolen_ticks = 100},
                   .noise = {}};

  const Json json = study_json(result, "weir bench nagle");

  EXPECT_EQ(json.at("context").at("command"), "weir bench nagle");
  EXPECT_EQ(json.at("context").at("before").at("load_average"), "0.10 0.10 0.10 1/99 1");
  EXPECT_EQ(json.at("context").at("after").at("load_average"), "3.10 1.00 0.50 1/99 2");
  EXPECT_EQ(json.at("context").at("stolen_ms"), 0);
  EXPECT_EQ(json.at("cells")[0].at("congestion_control"), "reno");
  EXPECT_EQ(json.at("cells")[0].at("settling_ns"), 2'500'000'000);
}

}  // namespace
}  // namespace weir::tools::bench
