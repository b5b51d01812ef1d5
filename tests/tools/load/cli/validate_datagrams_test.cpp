#include "tools/weir/load/cli/validate_datagrams.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/cli/refusal.h"
#include "tools/weir/load/cli/validate.h"

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::chrono_literals;

RawFlags fixed_rate() {
  RawFlags flags;
  flags.words = {"udp://127.0.0.1:9000"};
  flags.rate = "20k";
  return flags;
}

RawFlags closed_udp_loop() {
  RawFlags flags;
  flags.words = {"udp://127.0.0.1:9000"};
  flags.closed = true;
  return flags;
}

std::string refusal(RawFlags flags, std::optional<std::string> RawFlags::* flag, const char* text) {
  flags.*flag = text;
  return refusal(flags);
}

TEST(LoadValidateDatagrams, AFixedRateIsSentFromOneSocket) {
  const auto options = validate(fixed_rate());

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->target.transport, Transport::datagram);
  EXPECT_DOUBLE_EQ(options->rate.value_or(0), 20'000);
  EXPECT_EQ(options->connections, 1U);
  EXPECT_EQ(options->message_bytes, 64U);
  EXPECT_EQ(options->lost_after, 1s);
  EXPECT_EQ(options->answers, Answers::echo);
}

TEST(LoadValidateDatagrams, AClosedLoopHasTheDefaultsOfStreams) {
  const auto options = validate(closed_udp_loop());

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_FALSE(options->rate);
  EXPECT_EQ(options->connections, 8U);
  EXPECT_EQ(options->depth, 1U);
}

TEST(LoadValidateDatagrams, SeveralTargetsAreForComparisonOnly) {
  RawFlags both = fixed_rate();
  both.words = {"udp://127.0.0.1:9000", "udp://127.0.0.1:9001"};
  RawFlags compared = both;
  compared.words.insert(compared.words.begin(), "compare");
  RawFlags unanswered = compared;
  unanswered.one_way = true;

  const auto options = validate_job(compared);

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->run.more_targets.size(), 1U);
  EXPECT_THAT(refusal(both), HasSubstr("has one target"));
  EXPECT_THAT(validate_job(unanswered).error().message, HasSubstr("leave out --one-way"));
}

TEST(LoadValidateDatagrams, TakesEveryFlag) {
  RawFlags flags = fixed_rate();
  flags.rate = "500/s";
  flags.connections = "3";
  flags.size = "24";
  flags.one_way = true;
  const auto one_way = validate(flags);
  flags = closed_udp_loop();
  flags.depth = "16";
  flags.lost_after = "250ms";
  flags.size = "65507";
  const auto closed = validate(flags);

  ASSERT_TRUE(one_way) << one_way.error().message;
  EXPECT_DOUBLE_EQ(one_way->rate.value_or(0), 500);
  EXPECT_EQ(one_way->connections, 3U);
  EXPECT_EQ(one_way->message_bytes, 24U);
  EXPECT_EQ(one_way->answers, Answers::none);
  ASSERT_TRUE(closed) << closed.error().message;
  EXPECT_EQ(closed->depth, 16U);
  EXPECT_EQ(closed->lost_after, 250ms);
  EXPECT_EQ(closed->message_bytes, 65'507U);
}

TEST(LoadValidateDatagrams, NamesTheFlagAndTheRange) {
  EXPECT_EQ(refusal(fixed_rate(), &RawFlags::size, "23"),
            "--size: 23 is out of range (24 to 65507 bytes in a datagram)");
  EXPECT_THAT(refusal(fixed_rate(), &RawFlags::size, "65508"), HasSubstr("65508 is out of range"));
  EXPECT_THAT(refusal(fixed_rate(), &RawFlags::rate, "0"), StartsWith("--rate: "));
  EXPECT_THAT(refusal(fixed_rate(), &RawFlags::rate, "fast"), StartsWith("--rate: \"fast\""));
  EXPECT_EQ(refusal(closed_udp_loop(), &RawFlags::lost_after, "999us"),
            "--lost-after: 999us is out of range (1ms to 10m)");
}

TEST(LoadValidateDatagrams, RefusesWhatMakesNoSense) {
  RawFlags both = fixed_rate();
  both.closed = true;
  RawFlags one_way_closed = closed_udp_loop();
  one_way_closed.one_way = true;
  RawFlags one_way_lost = fixed_rate();
  one_way_lost.one_way = true;
  one_way_lost.lost_after = "1s";

  EXPECT_THAT(refusal(both), StartsWith("--closed and --rate exclude each other"));
  EXPECT_THAT(refusal(one_way_closed), StartsWith("--one-way and --closed exclude each other"));
  EXPECT_THAT(refusal(one_way_lost), StartsWith("--lost-after makes no sense with --one-way"));
  EXPECT_THAT(refusal(fixed_rate(), &RawFlags::depth, "4"), StartsWith("--depth is for --closed"));
  EXPECT_THAT(refusal(closed_udp_loop(), &RawFlags::timeout, "1s"), HasSubstr("--lost-after"));
  EXPECT_EQ(refusal(fixed_rate(), &RawFlags::codec, "len32"),
            "--codec is for tcp:// and unix: targets");
}

}  // namespace
}  // namespace weir::tools::load
