#include "tools/weir/load/cli/validate.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;
using namespace std::chrono_literals;

RawFlags closed_loop() {
  RawFlags flags;
  flags.target = "tcp://127.0.0.1:9000";
  flags.closed = true;
  return flags;
}

std::string refusal(const RawFlags& flags) {
  const auto options = validate(flags);
  EXPECT_FALSE(options);
  return options ? std::string() : options.error().message;
}

/// What `validate` says about `flags` with one of them set.
std::string refusal(std::optional<std::string> RawFlags::* flag, const char* text) {
  RawFlags flags = closed_loop();
  flags.*flag = text;
  return refusal(flags);
}

TEST(LoadValidate, OneTargetIsEnough) {
  const auto options = validate(closed_loop());

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->target.text, "tcp://127.0.0.1:9000");
  EXPECT_EQ(options->connections, 8U);
  EXPECT_EQ(options->depth, 1U);
  EXPECT_EQ(options->message_bytes, 64U);
  EXPECT_EQ(options->duration, 10s);
  EXPECT_EQ(options->timeout, 5s);
  EXPECT_EQ(options->shards, 1U);
  EXPECT_TRUE(options->cpus.empty());
  EXPECT_EQ(options->backend, Backend::automatic);
  EXPECT_EQ(options->progress, ProgressChoice::automatic);
  EXPECT_FALSE(options->output.json_path);
}

TEST(LoadValidate, TakesEveryFlag) {
  RawFlags flags = closed_loop();
  flags.connections = "1k";
  flags.depth = "16";
  flags.size = "16KiB";
  flags.duration = "1.5s";
  flags.timeout = "250ms";
  flags.cpus = "0,2";
  flags.backend = "epoll";
  flags.output = "result.json";
  flags.progress = "none";

  const auto options = validate(flags);

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->connections, 1000U);
  EXPECT_EQ(options->depth, 16U);
  EXPECT_EQ(options->message_bytes, 16'384U);
  EXPECT_EQ(options->duration, 1500ms);
  EXPECT_EQ(options->timeout, 250ms);
  EXPECT_EQ(options->shards, 2U);
  EXPECT_EQ(options->cpus.size(), 2U);
  EXPECT_EQ(options->backend, Backend::epoll);
  EXPECT_EQ(options->progress, ProgressChoice::none);
  EXPECT_THAT(options->output.json_path, Optional(std::string("result.json")));
}

TEST(LoadValidate, NamesTheFlagAndTheFix) {
  EXPECT_THAT(refusal(&RawFlags::duration, "10"), StartsWith("--duration: \"10\" has no unit"));
  EXPECT_EQ(refusal(&RawFlags::duration, "0s"), "--duration: must be longer than 0");
  EXPECT_THAT(refusal(&RawFlags::duration, "25h"), StartsWith("--duration: 25h is too long"));
  EXPECT_THAT(refusal(&RawFlags::timeout, "1"), StartsWith("--timeout: \"1\" has no unit"));
  EXPECT_THAT(refusal(&RawFlags::connections, "0"), StartsWith("--conns: 0 is out of range (1 to"));
  EXPECT_THAT(refusal(&RawFlags::depth, "x"), StartsWith("--depth: \"x\" is not a whole number"));
  EXPECT_EQ(refusal(&RawFlags::size, "0"), "--size: 0 is out of range (1 B to 16 MiB)");
  EXPECT_THAT(refusal(&RawFlags::size, "17MiB"), StartsWith("--size: 17MiB is out of range"));
  EXPECT_THAT(refusal(&RawFlags::shards, "0"),
              StartsWith("--shards: 0 is out of range (1 to 256)"));
  EXPECT_THAT(refusal(&RawFlags::cpus, "a"), StartsWith("--cpus: \"a\" is not a list of CPUs"));
  EXPECT_EQ(refusal(&RawFlags::backend, "uring"),
            "--backend: there is no backend \"uring\"; did you mean \"io_uring\"?");
  EXPECT_THAT(refusal(&RawFlags::progress, "plan"), HasSubstr("did you mean \"plain\"?"));
  EXPECT_EQ(refusal(&RawFlags::output, ""), "--output: the file name is empty");
}

TEST(LoadValidate, NeedsATarget) {
  RawFlags flags = closed_loop();
  flags.target.reset();

  EXPECT_EQ(refusal(flags),
            "the target is missing; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH");
}

TEST(LoadValidate, NeedsTheKindOfLoad) {
  RawFlags flags = closed_loop();
  flags.closed = false;

  EXPECT_THAT(refusal(flags), HasSubstr("add --closed"));
}

TEST(LoadValidate, AnswersOpenLoopFlagsWithTheClosedLoop) {
  for (const auto& [name, flag] :
       {std::pair{"--rate", &RawFlags::rate}, std::pair{"--arrival", &RawFlags::arrival},
        std::pair{"--steps", &RawFlags::steps}, std::pair{"--shape", &RawFlags::shape},
        std::pair{"--replay", &RawFlags::replay}}) {
    EXPECT_THAT(refusal(flag, "x"), StartsWith(std::string(name) + " asks for open-loop load"));
    EXPECT_THAT(refusal(flag, "x"), HasSubstr("use --closed"));
  }
}

TEST(LoadValidate, RefusesFlagsOfDatagramsForStreams) {
  RawFlags one_way = closed_loop();
  one_way.one_way = true;

  EXPECT_EQ(refusal(one_way), "--one-way is for datagrams (udp://): a stream loses nothing");
  EXPECT_EQ(refusal(&RawFlags::lost_after, "1s"),
            "--lost-after is for datagrams (udp://): a stream loses nothing");
}

TEST(LoadValidate, ShardsNeedAsManyCpus) {
  RawFlags flags = closed_loop();
  flags.shards = "3";
  flags.cpus = "0-1";
  EXPECT_EQ(refusal(flags), "--shards 3 needs as many CPUs, but --cpus 0-1 has 2");

  flags.shards = "1";
  EXPECT_EQ(validate(flags)->shards, 1U);
  flags.cpus.reset();
  flags.shards = "3";
  EXPECT_EQ(validate(flags)->shards, 3U);
}

TEST(LoadValidate, BoundsWhatIsInFlight) {
  RawFlags flags = closed_loop();
  flags.connections = "10k";
  flags.depth = "100";
  flags.size = "16MiB";

  EXPECT_THAT(refusal(flags), HasSubstr("in flight (at most 4 GiB)"));
}

}  // namespace
}  // namespace weir::tools::load
