#include "tools/weir/load/cli/validate.h"

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/cli/refusal.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Optional;
using ::testing::StartsWith;
using namespace std::chrono_literals;

RawFlags closed_loop() {
  RawFlags flags;
  flags.words = {"tcp://127.0.0.1:9000"};
  flags.closed = true;
  return flags;
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

TEST(LoadValidate, AReportTakesFilesGoalsAndNoLoad) {
  RawFlags flags;
  flags.words = {"report", "a.json", "b.json"};
  flags.slo = "p99<2ms,loss<1%";
  RawFlags with_rate = flags;
  with_rate.rate = "5k";
  RawFlags with_output = flags;
  with_output.csv = "c.csv";

  const auto job = validate_job(flags);
  const auto loaded = validate_job(with_rate);
  const auto written = validate_job(with_output);

  ASSERT_TRUE(job) << job.error().message;
  EXPECT_THAT(job->files, ElementsAre("a.json", "b.json"));
  EXPECT_EQ(job->run.slo.size(), 2U);
  EXPECT_TRUE(job->judges_again);
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message, HasSubstr("report runs nothing"));
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error().message, HasSubstr("for one file"));
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
  EXPECT_THAT(refusal(&RawFlags::size, "17MiB"), StartsWith("--size: 17MiB"));
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
  flags.words.clear();

  EXPECT_EQ(refusal(flags),
            "the target is missing; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH");
}

TEST(LoadValidate, WithoutAKindItIsASafeOpenLoop) {
  RawFlags flags;
  flags.words = {"tcp://127.0.0.1:9000"};

  const auto options = validate(flags);

  ASSERT_TRUE(options) << options.error().message;
  ASSERT_TRUE(options->open);
  EXPECT_EQ(options->open->arrival.kind, Arrival::Kind::poisson);
  EXPECT_DOUBLE_EQ(options->rate.value_or(0), 1'000);
  EXPECT_EQ(options->load_text, "open loop: 1 000/s poisson over 8 connections, 64 B a message");
}

TEST(LoadValidate, ReadsTheShapesOfAnOpenLoop) {
  RawFlags ramp;
  ramp.words = {"tcp://127.0.0.1:9000"};
  ramp.rate = "1k..3k";
  RawFlags steps = ramp;
  steps.rate.reset();
  steps.steps = "1k,3k@2s";
  steps.arrival = "fixed";

  const auto ramped = validate(ramp);
  const auto stepped = validate(steps);

  ASSERT_TRUE(ramped) << ramped.error().message;
  EXPECT_DOUBLE_EQ(ramped->rate.value_or(0), 2'000);
  ASSERT_TRUE(stepped) << stepped.error().message;
  EXPECT_EQ(stepped->duration, 4s);
  EXPECT_DOUBLE_EQ(stepped->open->shape.rate_at(3s), 3'000);
}

TEST(LoadValidate, RefusesShapesThatExcludeEachOther) {
  RawFlags open = closed_loop();
  open.closed = false;
  open.rate = "1k";
  RawFlags two = open;
  two.steps = "1k@1s";
  RawFlags think = open;
  think.think = "1ms";

  EXPECT_THAT(refusal(&RawFlags::rate, "1k"), StartsWith("--closed and --rate exclude each other"));
  EXPECT_THAT(refusal(&RawFlags::arrival, "fixed"),
              StartsWith("--closed and --arrival exclude each other"));
  EXPECT_THAT(refusal(two), StartsWith("--rate, --steps, --shape and --replay exclude"));
  EXPECT_THAT(refusal(think), StartsWith("--think needs --closed"));
}

TEST(LoadValidate, ForeignTargetsNeedConsent) {
  RawFlags flags = closed_loop();
  flags.words = {"tcp://192.0.2.1:80"};
  EXPECT_THAT(refusal(flags), HasSubstr("add --yes"));

  flags.closed = false;
  EXPECT_TRUE(validate(flags)) << "1000 a second are harmless";
  flags.rate = "20k";
  EXPECT_THAT(refusal(flags), HasSubstr("add --yes"));
  flags.yes = true;
  EXPECT_TRUE(validate(flags));
}

TEST(LoadValidate, JobsThatChooseRatesNeedConsentForThem) {
  RawFlags flags;
  flags.words = {"find-max", "tcp://192.0.2.1:80"};
  flags.slo = "p99<1ms";
  flags.range = "1k..20k";
  const auto refused = validate_job(flags);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("add --yes"));

  flags.range = "1k..10k";
  EXPECT_TRUE(validate_job(flags));
}

TEST(LoadValidate, PatternsOfTwoWritesNeedOneRequestAtATime) {
  RawFlags flags = closed_loop();
  flags.pattern = "wwr";
  EXPECT_EQ(validate(flags)->pattern, WritePattern::two_then_read);

  flags.depth = "2";
  EXPECT_THAT(refusal(flags), StartsWith("--pattern wwr needs --depth 1"));
}

TEST(LoadValidate, JobsHaveTheirOwnFlags) {
  const auto refuse_job = [](const RawFlags& flags) {
    const auto options = validate_job(flags);
    EXPECT_FALSE(options);
    return options ? std::string() : options.error().message;
  };
  RawFlags sweep;
  sweep.words = {"sweep", "tcp://127.0.0.1:9000"};
  RawFlags find_max;
  find_max.words = {"find-max", "tcp://127.0.0.1:9000"};
  RawFlags compare;
  compare.words = {"compare", "tcp://127.0.0.1:9000"};
  RawFlags report;
  report.words = {"report"};
  RawFlags rates = closed_loop();
  rates.rates = "1k";

  EXPECT_THAT(refuse_job(sweep), StartsWith("sweep needs --rates"));
  EXPECT_THAT(refuse_job(find_max), StartsWith("find-max needs --slo"));
  EXPECT_THAT(refuse_job(compare), StartsWith("compare needs two targets"));
  EXPECT_THAT(refuse_job(report), StartsWith("report needs a file"));
  EXPECT_THAT(refuse_job(rates), StartsWith("--rates is for sweep"));
  sweep.rates = "1k,2k";
  const auto options = validate_job(sweep);
  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->job, Job::sweep);
  EXPECT_EQ(options->rates, (std::vector<double>{1'000, 2'000}));
  EXPECT_EQ(options->run.target.text, "tcp://127.0.0.1:9000");
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
