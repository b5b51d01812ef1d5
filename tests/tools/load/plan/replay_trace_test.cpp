#include "tools/weir/load/plan/replay_trace.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/plan/made_up_plans.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<TraceEntry> entries_of(const std::string& text) {
  ReplayTrace trace = trace_of(text);
  std::vector<TraceEntry> entries;
  while (const auto entry = trace.next().value()) entries.push_back(*entry);
  return entries;
}

TEST(ReplayTrace, ReadsTimesAndPayloads) {
  EXPECT_THAT(entries_of("# recorded\n"
                         "0,64\r\n"
                         "\n"
                         " 1500000 , 1200  # the first long one\n"
                         "1500000\n"
                         "2000000000,0"),
              ElementsAre(TraceEntry{0ns, 64}, TraceEntry{1500us, 1200},
                          TraceEntry{1500us, std::nullopt}, TraceEntry{2s, 0}));
}

TEST(ReplayTrace, ReadsTheSameHoweverLinesMeetTheEndsOfItsBlocks) {
  // Lines of many lengths over several blocks of 64 KiB.
  std::string text;
  std::vector<std::int64_t> times;
  for (std::int64_t i = 0; i < 20'000; ++i) {
    times.push_back(i * i);
    text += std::to_string(i * i) + ",7 #" + std::string(static_cast<std::size_t>(i % 61), '.');
    text += '\n';
  }

  const auto entries = entries_of(text);

  ASSERT_GT(text.size(), 8U * 65'536U);
  ASSERT_EQ(entries.size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) {
    ASSERT_EQ(entries[i].time.count(), times[i]);
  }
}

TEST(ReplayTrace, NamesTheLineThatIsWrong) {
  struct Vector {
    const char *text, *error;
  };
  for (const auto& v : {
           Vector{"0\nx\n", "t:2: \"x\" is not a time; write whole nanoseconds"},
           Vector{"#\n\n-1\n", "t:3: \"-1\" is not a time"},
           Vector{"1.5\n", "t:1: \"1.5\" is not a time"},
           Vector{"1ms\n", "t:1: \"1ms\" is not a time"},
           Vector{",64\n", "t:1: \"\" is not a time"},
           Vector{"5\n4\n", "t:2: 4 ns comes before the request above it (5 ns); sort the trace"},
           Vector{"1764360000000000000\n", "t:1: 1764360000000000000 ns is more than a year"},
           Vector{"99999999999999999999\n", "is not a time"},
           Vector{"0,\n", "t:1: \"\" is not a payload; write whole bytes, at most 1073741824"},
           Vector{"0,1k\n", "t:1: \"1k\" is not a payload"},
           Vector{"0,1073741825\n", "t:1: \"1073741825\" is not a payload"},
           Vector{"0,1,2\n", "t:1: \"1,2\" is not a payload"},
       }) {
    SCOPED_TRACE(v.text);

    const auto summary = survey_trace(trace_of(v.text));

    ASSERT_FALSE(summary);
    EXPECT_THAT(summary.error().message, HasSubstr(v.error));
  }
}

TEST(ReplayTrace, BoundsTheLengthOfALine) {
  const std::string comment = "0 #" + std::string(ReplayTrace::line_bytes_max - 3, '.');

  EXPECT_EQ(entries_of(comment + "\n5\n").size(), 2U);
  EXPECT_EQ(entries_of(comment).size(), 1U);
  EXPECT_THAT(survey_trace(trace_of("1\n" + comment + ".\n")).error().message,
              HasSubstr("t:2: longer than 4096 bytes"));
  EXPECT_THAT(survey_trace(trace_of("1\n" + std::string(200'000, '5'))).error().message,
              HasSubstr("t:2: longer than 4096 bytes"));
}

TEST(ReplayTrace, StaysWithItsError) {
  ReplayTrace trace = trace_of("1\nx\n2\n");

  EXPECT_TRUE(trace.next());
  const auto error = trace.next();
  const auto again = trace.next();

  ASSERT_FALSE(error);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, error.error().message);
}

TEST(ReplayTrace, StaysAtItsEnd) {
  ReplayTrace trace = trace_of("1\n");

  EXPECT_TRUE(trace.next().value());
  EXPECT_FALSE(trace.next().value());
  EXPECT_FALSE(trace.next().value());
}

TEST(ReplayTrace, IsSurveyedBeforeItIsSent) {
  EXPECT_EQ(survey_trace(trace_of("0,64\n10\n20,1200\n20,9\n")).value(),
            (TraceSummary{.requests = 4,
                          .last_time = 20ns,
                          .payload_bytes_max = 1200,
                          .payload_bytes_min = 9,
                          .requests_with_payload = 3}));
  EXPECT_EQ(survey_trace(trace_of("# none\n")).error().message, "t has no requests");
}

TEST(ReplayTrace, SaysWhichFileItCannotRead) {
  EXPECT_THAT(ReplayTrace::open("/nonexistent/t.csv").error().message,
              HasSubstr("cannot read /nonexistent/t.csv: No such file or directory"));
  EXPECT_THAT(survey_trace(ReplayTrace::open("/").value()).error().message,
              HasSubstr("cannot read /: Is a directory"));
}

}  // namespace
}  // namespace weir::tools::load
