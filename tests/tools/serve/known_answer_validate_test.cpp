// What `weir serve stall` and `weir serve work` take, and what they refuse.
#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/serve/refusal.h"
#include "tools/weir/serve/validate.h"

namespace weir::tools::serve {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::HasSubstr;

RawFlags flags_of(const char* service) {
  RawFlags flags;
  flags.service = service;
  flags.listen = ":0";
  if (flags.service == "work") flags.work.service_time = "fixed:200us";
  return flags;
}

TEST(StallValidate, StallsForATenthOfEachSecondUnlessToldOtherwise) {
  RawFlags told = flags_of("stall");
  told.stall = {.every = "200ms", .length = "50ms"};
  told.shards = "2";

  EXPECT_EQ(validate(flags_of("stall"))->stall.every, milliseconds(1000));
  EXPECT_EQ(validate(flags_of("stall"))->stall.length, milliseconds(100));
  EXPECT_EQ(validate(told)->stall.every, milliseconds(200));
  EXPECT_EQ(validate(told)->stall.length, milliseconds(50));
  EXPECT_EQ(validate(told)->shards, 2U);
}

TEST(StallValidate, RefusesAStallThatWouldNeverEnd) {
  RawFlags equal = flags_of("stall");
  equal.stall = {.every = "100ms", .length = "100ms"};
  RawFlags longer = flags_of("stall");
  longer.stall.length = "2s";

  EXPECT_EQ(refusal(equal),
            "a stall of 100 ms in every 100 ms would never end; make --for shorter than --every");
  EXPECT_THAT(refusal(longer), HasSubstr("a stall of 2.0 s in every 1.0 s would never end"));
}

TEST(WorkValidate, NeedsAServiceTime) {
  RawFlags flags = flags_of("work");
  flags.work = {.service_time = "exp:1ms", .seed = "7", .message_bytes = "1KiB"};
  RawFlags without = flags_of("work");
  without.work = {};

  const auto options = validate(flags);

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->work.service_time.mean, microseconds(1000));
  EXPECT_EQ(options->work.seed, 7U);
  EXPECT_EQ(options->work.message_bytes, 1024U);
  EXPECT_EQ(validate(flags_of("work"))->work.message_bytes, 64U);
  EXPECT_THAT(refusal(without), HasSubstr("add --service-time"));
}

TEST(WorkValidate, SaysWhatIsWrong) {
  RawFlags shards = flags_of("work");
  shards.shards = "2";
  RawFlags seed = flags_of("work");
  seed.work.seed = "7";
  RawFlags huge = flags_of("work");
  huge.work.message_bytes = "65KiB";

  EXPECT_THAT(refusal(shards), HasSubstr("leave out --shards"));
  EXPECT_THAT(refusal(seed), HasSubstr("--seed is for exp"));
  EXPECT_THAT(refusal(huge), HasSubstr("out of range (1 to 64KiB)"));
}

TEST(KnownAnswerValidate, FlagsOfOthersAreRefused) {
  RawFlags stalling_echo = flags_of("echo");
  stalling_echo.stall.every = "1s";
  RawFlags working_stall = flags_of("stall");
  working_stall.work.message_bytes = "64";
  RawFlags idle = flags_of("stall");
  idle.idle_timeout = "1s";
  RawFlags udp = flags_of("work");
  udp.udp.is_udp = true;
  RawFlags framed = flags_of("work");
  framed.codec = "len32";

  EXPECT_EQ(refusal(stalling_echo), "--every and --for are for stall; echo does not stall");
  EXPECT_THAT(refusal(working_stall), HasSubstr("are for work; stall has no worker"));
  EXPECT_THAT(refusal(idle), HasSubstr("--idle-timeout is not for stall"));
  EXPECT_EQ(refusal(udp), "--udp is for upper; work needs connections");
  EXPECT_THAT(refusal(framed), HasSubstr("--codec is for echo"));
}

}  // namespace
}  // namespace weir::tools::serve
