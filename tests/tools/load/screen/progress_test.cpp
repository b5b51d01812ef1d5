#include "tools/weir/load/screen/progress.h"

#include <gtest/gtest.h>

#include "tests/tools/load/screen/example_sample.h"
#include "tools/weir/load/screen/cut_line.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

ProgressSample example() {
  return {.elapsed = 4s,
          .duration = 10s,
          .rate = 120'003.4,
          .p50 = 61us,
          .p99 = 198us,
          .max = 1200us,
          .errors = 0};
}

TEST(Progress, LiveLineHasABar) {
  EXPECT_EQ(live_line(example(), {}),
            "[######----------] 4 s / 10 s  120 003/s  p50 61 us  p99 198 us  0 errors");
  EXPECT_EQ(live_line(example(), {.utf8 = true}),
            "██████░░░░░░░░░░ 4 s / 10 s  120 003/s  p50 61 µs  p99 198 µs  0 errors");
}

TEST(Progress, BarIsEmptyAtTheStartAndFullAtTheEnd) {
  ProgressSample sample = example();
  sample.elapsed = 0s;
  EXPECT_TRUE(live_line(sample, {}).starts_with("[----------------] 0 s"));
  sample.elapsed = 10s;
  EXPECT_TRUE(live_line(sample, {}).starts_with("[################] 10 s"));
  sample.elapsed = 12s;
  EXPECT_TRUE(live_line(sample, {}).starts_with("[################] 12 s"));
  sample.duration = 0s;
  EXPECT_TRUE(live_line(sample, {}).starts_with("[################] 12 s"));
}

TEST(Progress, ErrorsStandOut) {
  ProgressSample sample = example();
  sample.errors = 1;

  EXPECT_TRUE(live_line(sample, {.color = true}).ends_with("\x1b[31m1 error\x1b[0m"));
  EXPECT_TRUE(plain_line(sample, {}).ends_with("  1 error"));
}

TEST(Progress, PlainLineIsForLogs) {
  EXPECT_EQ(plain_line(example(), {}),
            "4 s  120 003/s  p50 61 us  p99 198 us  max 1.2 ms  0 errors");
}

TEST(Progress, PlainLineTellsAllThatWentWrong) {
  ProgressSample sample = example();
  sample.offered_rate = 125'000;
  sample.errors = 3;
  sample.timeouts = 1;
  sample.dropped = 1200;
  sample.lost = 17;

  EXPECT_EQ(plain_line(sample, {}),
            "4 s  120 003/s of 125 000/s  p50 61 us  p99 198 us  max 1.2 ms  3 errors (1 timeout)  "
            "1 200 dropped  17 lost");
}

TEST(Progress, LiveLineTellsTheWorst) {
  ProgressSample sample = example();
  sample.dropped = 1200;
  EXPECT_TRUE(live_line(sample, {}).ends_with("  1 200 dropped"));
  sample.lost = 17;
  EXPECT_TRUE(live_line(sample, {}).ends_with("  17 lost"));
  sample.errors = 3;
  EXPECT_TRUE(live_line(sample, {}).ends_with("  3 errors"));
}

TEST(Progress, WarmUpIsSaid) {
  ProgressSample sample = example();
  sample.phase = Phase::warm_up;

  EXPECT_EQ(live_line(sample, {}),
            "[----------------] 4 s warm-up  120 003/s  p50 61 us  p99 198 us  0 errors");
  EXPECT_EQ(plain_line(sample, {}),
            "4 s  warm-up  120 003/s  p50 61 us  p99 198 us  max 1.2 ms  0 errors");
}

TEST(Progress, LiveLineFitsATerminal) {
  ProgressSample sample = example();
  sample.elapsed = 3599s;
  sample.duration = 3600s;
  sample.rate = 9'999'999;
  sample.p50 = 999us;
  sample.p99 = 999us;
  sample.errors = 99'999;

  const std::string line = live_line(sample, {});

  EXPECT_LE(line.size(), 79U) << line;
  EXPECT_TRUE(line.starts_with("[----") || line.starts_with("[####")) << line;
  EXPECT_TRUE(line.ends_with("p50 999 us  p99 999 us  99 999 errors")) << line;
}

TEST(Progress, LiveLineFitsATerminalWhateverItsNumbers) {
  for (const Phase phase : {Phase::warm_up, Phase::measured}) {
    for (const TextStyle style : {TextStyle(), TextStyle{.color = true, .utf8 = true}}) {
      ProgressSample errors = astronomic_sample();
      errors.phase = phase;
      ProgressSample lost = errors;
      lost.errors = 0;
      ProgressSample dropped = lost;
      dropped.lost = 0;
      for (const ProgressSample& sample : {errors, lost, dropped}) {
        const std::string line = live_line(sample, style);

        EXPECT_LE(columns_taken(line), 79U) << line;
      }
    }
  }
}

}  // namespace
}  // namespace weir::tools::load
