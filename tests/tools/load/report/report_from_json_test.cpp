#include "tools/weir/load/report/report_from_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/build_kind.h"
#include "tests/tools/support/example_report.h"
#include "tools/weir/load/report/report_csv.h"
#include "tools/weir/load/report/report_html.h"

namespace weir::tools::load {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

TEST(ReportFromJson, PrintsTheSameInEveryForm) {
  LoadReport one_way = example_datagram_report();
  one_way.options.answers = Answers::none;
  LoadReport closed_datagrams = example_datagram_report();
  closed_datagrams.options.rate.reset();
  std::swap(closed_datagrams.latency.response, closed_datagrams.latency.service);
  for (const LoadReport& report :
       {example_report(), example_open_report(), example_datagram_report(), one_way,
        fully_populated(example_report()), fully_populated(example_open_report()),
        fully_populated(example_datagram_report()), fully_populated(closed_datagrams)}) {
    SCOPED_TRACE(report.options.target.text);

    const auto read = report_from_json(report_json(report));

    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(report_text(*read, {}), report_text(report, {}));
    EXPECT_EQ(report_csv(*read), report_csv(report));
    EXPECT_EQ(report_json(*read), report_json(report));
    EXPECT_EQ(report_html(*read), report_html(report));
  }
}

TEST(ReportFromJson, SaysWhyATextIsNoReport) {
  json damaged = json::parse(report_json(example_report()));
  damaged["phases"][0]["latency"]["service"]["hdr"] = "HISTF";
  json empty = json::parse(report_json(example_report()));
  empty["phases"] = json::array();

  EXPECT_EQ(report_from_json("{").error(), "it is not JSON");
  EXPECT_EQ(report_from_json("[]").error(), "it is not a report of weir load: it names no schema");
  EXPECT_EQ(report_from_json(R"({"schema":"weir.load/2"})").error(),
            "its schema is \"weir.load/2\", not \"weir.load/1\"");
  EXPECT_EQ(report_from_json(empty.dump()).error(), "it has no phases");
  EXPECT_THAT(report_from_json(damaged.dump()).error(),
              HasSubstr("its latency \"service\" is damaged: "));
}

TEST(ReportFromJson, BearsValuesOfAnyKind) {
  LoadReport report = example_open_report();
  report.latency = LatencySet();
  report.latency.response.record(1'000);
  report.latency.response.record_censored(2'000);
  report.seconds = SecondSeries({SecondSummary()}, std::chrono::seconds(1));
  const json good = json::parse(report_json(report));
  const std::vector<json> strange = {
      json(),           json("x"),        json(-1),   json(1e300),
      json(UINT64_MAX), json::array({1}), json(true), json::object({{"a", 1}})};
  std::size_t next = 0;
  const json places = good.flatten();
  for (const auto& [path, value] : places.items()) {
    // One kind each: all of them for each of some 300 places say little more.
    const json& kind = strange[next++ % strange.size()];
    if (test::slow_build && next % 11 != 0) continue;
    json changed = good;
    changed[json::json_pointer(path)] = kind;

    const auto read = report_from_json(changed.dump());

    if (read) {
      EXPECT_FALSE(report_text(*read, {}).empty()) << path;
    } else {
      EXPECT_FALSE(read.error().empty()) << path;
    }
  }
}

TEST(ReportFromJson, LeavesOutWhatItDoesNotKnow) {
  json changed = json::parse(report_json(example_open_report()));
  changed["invented"] = 1;
  changed["trust"][0]["check"] = "invented";
  changed["phases"][0]["series"]["cols"][0] = "invented";

  const auto read = report_from_json(changed.dump());

  ASSERT_TRUE(read);
  EXPECT_EQ(read->trust.size(), 1U);
  EXPECT_EQ(read->seconds.rows()[0].offered, 0U);
  EXPECT_EQ(read->seconds.rows()[0].sent, 10'000U);
}

}  // namespace
}  // namespace weir::tools::load
