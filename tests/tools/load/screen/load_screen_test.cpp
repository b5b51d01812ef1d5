#include "tools/weir/load/screen/load_screen.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/screen/example_sample.h"
#include "tools/weir/load/screen/cut_line.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

const std::vector<std::string> heading = {
    "weir load  tcp://127.0.0.1:7000",
    "open loop: 20 000/s poisson over 8 connections, 64 B a message"};

/// What is on a terminal after a first frame: every line ends with "clear to its end".
std::string shown(std::string frame) {
  for (std::size_t at = 0; (at = frame.find("\x1b[K\n", at)) != std::string::npos;) {
    frame.erase(at, 3);
  }
  return frame;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

/// The first frame of a screen that has seen a few seconds.
std::string later_frame(LoadScreen& screen, const ProgressSample& sample) {
  for (const auto& [rate, p99] :
       {std::pair{20'000.0, 198us}, {10'000.0, 850us}, {0.0, 0us}, {20'005.0, 202us}}) {
    ProgressSample second = sample;
    second.rate = rate;
    second.p99 = p99;
    screen.skip(second);
  }
  return screen.frame(sample);
}

TEST(LoadScreen, InAscii) {
  LoadScreen screen({.heading = heading});

  EXPECT_EQ(shown(later_frame(screen, example_sample())), R"(weir load  tcp://127.0.0.1:7000
open loop: 20 000/s poisson over 8 connections, 64 B a message
[#################---------------]  32 s / 60 s   measuring

                    now          run   last 40 s, 1 to 8
 offered       20 013/s     20 001/s
 done          20 009/s     20 000/s   84188
 p50              61 us        60 us
 p99             212 us       198 us   13 11
 p99.9           1.1 ms       930 us

 in flight            12   errors                0   send lag p99      19 us
 queue                 0   timeouts              0   generator cpu      41 %
 dropped               0   lost                  0   steal             0.2 %
 trust        ok
)");
}

TEST(LoadScreen, InUtf8) {
  LoadScreen screen({.heading = heading, .style = {.utf8 = true}});

  EXPECT_EQ(shown(later_frame(screen, example_sample())), R"(weir load  tcp://127.0.0.1:7000
open loop: 20 000/s poisson over 8 connections, 64 B a message
█████████████████░░░░░░░░░░░░░░░  32 s / 60 s   measuring

                    now          run   last 40 s
 offered       20 013/s     20 001/s
 done          20 009/s     20 000/s   █▄▁██
 p50              61 µs        60 µs
 p99             212 µs       198 µs   ▁▃ ▁▁
 p99.9           1.1 ms       930 µs

 in flight            12   errors                0   send lag p99      19 µs
 queue                 0   timeouts              0   generator cpu      41 %
 dropped               0   lost                  0   steal             0.2 %
 trust        ok
)");
}

TEST(LoadScreen, InTheWarmUpOfAClosedLoopThatFails) {
  ProgressSample sample = example_sample();
  sample.phase = Phase::warm_up;
  sample.elapsed = 2s;
  sample.offered_rate.reset();
  sample.offered_rate_run.reset();
  sample.errors = 1234;
  sample.timeouts = 34;
  sample.steal_share = 0.12;
  LoadScreen screen({});

  EXPECT_EQ(shown(screen.frame(sample)), R"([--------------------------------]  2 s   warm-up

                    now          run   last 40 s, 1 to 8
 offered              -            -
 done          20 009/s     20 000/s   8
 p50              61 us        60 us
 p99             212 us       198 us   1
 p99.9           1.1 ms       930 us

 in flight            12   errors            1 234   send lag p99      19 us
 queue                 0   timeouts             34   generator cpu      41 %
 dropped               0   lost                  0   steal              12 %
 trust        steal high
)");
}

TEST(LoadScreen, InANarrowWindow) {
  LoadScreen screen({.heading = heading, .window = {.columns = 60}});

  EXPECT_EQ(shown(later_frame(screen, example_sample())), R"(weir load  tcp://127.0.0.1:7000
open loop: 20 000/s poisson over 8 connections, 64 B a mess
[#########-------]  32 s / 60 s   measuring

                    now          run   last 20 s, 1 to 8
 offered       20 013/s     20 001/s
 done          20 009/s     20 000/s   84188
 p50              61 us        60 us
 p99             212 us       198 us   13 11
 p99.9           1.1 ms       930 us

 in flight            12   errors                0
 send lag p99      19 us   queue                 0
 timeouts              0   generator cpu      41 %
 dropped               0   lost                  0
 steal             0.2 %
 trust        ok
)");
}

TEST(LoadScreen, ColoursWhatIsWrong) {
  ProgressSample sample = example_sample();
  sample.errors = 3;
  sample.steal_share = 0.5;
  LoadScreen screen({.style = {.color = true}});

  const std::string frame = screen.frame(sample);

  EXPECT_THAT(frame, HasSubstr("errors       \x1b[31m         3\x1b[0m"));
  EXPECT_THAT(frame, HasSubstr("\x1b[33msteal high\x1b[0m"));
  EXPECT_THAT(frame, Not(HasSubstr("timeouts     \x1b")));
}

TEST(LoadScreen, WithoutColourOnlyTheCursorMoves) {
  LoadScreen screen({.style = {.utf8 = true}});
  std::string text = screen.frame(astronomic_sample());
  text += screen.frame(astronomic_sample());

  for (std::size_t at = 0; (at = text.find("\x1b[", at)) != std::string::npos; ++at) {
    const std::size_t letter = text.find_first_not_of("0123456789;", at + 2);
    EXPECT_THAT(std::string("AK"), HasSubstr(text.substr(letter, 1)));
  }
}

TEST(LoadScreen, NeverTakesMoreThanTheWindowHas) {
  const std::vector<std::string> long_heading(30, std::string(500, 'x'));
  for (const WindowSize window : {WindowSize{80, 24}, WindowSize{60, 16}, WindowSize{300, 100},
                                  WindowSize{20, 5}, WindowSize{1, 1}}) {
    for (const TextStyle style : {TextStyle(), TextStyle{.color = true, .utf8 = true}}) {
      SCOPED_TRACE(testing::Message() << window.columns << " x " << window.rows);
      LoadScreen screen({.heading = long_heading, .style = style, .window = window});

      const auto lines = lines_of(shown(later_frame(screen, astronomic_sample())));

      EXPECT_LE(lines.size(), LoadScreen::rows_max);
      EXPECT_LE(lines.size(), std::max<std::size_t>(window.rows - 1, 1));
      for (const std::string& line : lines) {
        EXPECT_LE(columns_taken(line), 79U) << line;
        EXPECT_LT(columns_taken(line), window.columns) << line;
      }
    }
  }
}

TEST(LoadScreen, TheBarLeavesRoomForTheTimes) {
  for (const std::size_t columns : {60UL, 80UL, 300UL}) {
    for (const TextStyle style : {TextStyle(), TextStyle{.color = true, .utf8 = true}}) {
      LoadScreen screen({.style = style, .window = {.columns = columns}});

      const std::string bar = lines_of(shown(screen.frame(astronomic_sample()))).front();

      EXPECT_TRUE(bar.ends_with(" s   measuring")) << bar;
      EXPECT_LE(columns_taken(bar), std::min<std::size_t>(columns, 80) - 1) << bar;
    }
  }
}

// Every number is readable on its own: none pushed another out of the window.
TEST(LoadScreen, AstronomicNumbersStayInTheirColumns) {
  ProgressSample sample = astronomic_sample();
  sample.send_lag_p99 = 24h;  // more than a histogram holds
  LoadScreen ordinary({.heading = heading});
  LoadScreen astronomic({.heading = heading});
  const auto expected = lines_of(shown(ordinary.frame(example_sample())));

  const auto lines = lines_of(shown(astronomic.frame(sample)));

  ASSERT_EQ(lines.size(), expected.size());
  for (std::size_t i = 4; i + 1 < lines.size(); ++i) {
    EXPECT_EQ(lines[i].size(), expected[i].size()) << lines[i];
  }
}

TEST(LoadScreen, LaterFramesRewriteTheFirst) {
  LoadScreen screen({.heading = heading});

  const std::string first = screen.frame(example_sample());
  const std::string second = screen.frame(example_sample());

  EXPECT_THAT(first, StartsWith("weir load"));
  EXPECT_THAT(second,
              StartsWith("\r\x1b[" + std::to_string(lines_of(first).size()) + "Aweir load"));
  EXPECT_EQ(lines_of(second).size(), lines_of(first).size());
}

TEST(LoadScreen, QuartersAreNoSecondsOfTheirOwn) {
  ProgressSample quarter = example_sample();
  quarter.ends_second = false;
  LoadScreen screen({});

  (void)screen.frame(example_sample());
  for (int i = 0; i < 3; ++i) (void)screen.frame(quarter);

  EXPECT_THAT(screen.frame(example_sample()), HasSubstr("20 000/s   88\x1b[K"));
}

TEST(LoadScreen, AWindowThatGrowsSmallerGetsSmallerFrames) {
  LoadScreen screen({.heading = heading});
  const std::size_t rows = lines_of(screen.frame(example_sample())).size();

  screen.resize({.columns = 70, .rows = 12});
  const std::string second = screen.frame(example_sample());
  const std::string third = screen.frame(example_sample());

  EXPECT_THAT(second, StartsWith("\r\x1b[" + std::to_string(rows) + "A"));
  EXPECT_THAT(second, testing::EndsWith("\n\x1b[J"));
  EXPECT_THAT(third, StartsWith("\r\x1b[11A"));
  EXPECT_THAT(third, testing::EndsWith("\x1b[K\n"));
}

TEST(LoadScreen, EndErasesWhatWasDrawn) {
  LoadScreen screen({.heading = heading});
  const std::string first = screen.frame(example_sample());
  (void)screen.frame(example_sample());

  EXPECT_EQ(screen.end(), "\r\x1b[" + std::to_string(lines_of(first).size()) + "A\x1b[J");
  EXPECT_EQ(screen.end(), "");
  EXPECT_THAT(screen.frame(example_sample()), StartsWith("weir load"));
}

TEST(LoadScreen, EndHasNothingToEraseBeforeTheFirstFrame) {
  LoadScreen screen({.heading = heading});
  screen.skip(example_sample());

  EXPECT_EQ(screen.end(), "");
}

}  // namespace
}  // namespace weir::tools::load
