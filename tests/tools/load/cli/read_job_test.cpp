#include "tools/weir/load/cli/read_job.h"

#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools::load {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;

using Words = std::vector<std::string>;

Checked<JobOptions> read(Words arguments, const Words& variables = {}) {
  const auto program = make_program({"weir", "", "", ""}, "");
  RawFlags flags;
  CLI::App& command = add_flags(*program, flags);
  arguments.insert(arguments.begin(), "load");
  EXPECT_FALSE(parse_command_line(*program, arguments));
  return read_job(command, flags, variables);
}

std::string complaint(const Words& arguments, const Words& variables = {}) {
  const auto job = read(arguments, variables);
  return job ? std::string() : job.error().message;
}

/// A file of settings, for as long as this lives.
class ConfigFile {
 public:
  explicit ConfigFile(std::string_view text)
      : path_(::testing::TempDir() + "weir_read_job_" + std::to_string(::getpid()) + ".conf") {
    std::ofstream(path_) << text;
  }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;
  ~ConfigFile() { std::remove(path_.c_str()); }

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

TEST(LoadReadJob, TheCommandLineComesBeforeTheEnvironmentBeforeTheFile) {
  const ConfigFile file("rate = 1k\nconns = 3\nseed = 30\nlabel = a=1\nlabel = b=2\n");

  const auto job = read({"tcp://127.0.0.1:1", "--config", file.path(), "--seed", "10"},
                        {"WEIR_LOAD_SEED=20", "WEIR_LOAD_CONNS=2", "WEIR_LOAD_DEPTH=4"});

  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->run.seed, 10U);
  EXPECT_EQ(job->run.connections, 2U);
  EXPECT_EQ(job->run.rate, 1'000);
  EXPECT_EQ(job->run.depth, 4U);
  EXPECT_THAT(job->run.output.labels, SizeIs(2));
  EXPECT_EQ(job->run.timeout, std::chrono::seconds(5));  // nobody set it
}

TEST(LoadReadJob, TheEnvironmentMayNameTheFile) {
  const ConfigFile file("depth = 5\n");

  const auto job = read({"tcp://127.0.0.1:1"}, {"WEIR_LOAD_CONFIG=" + file.path()});

  ASSERT_TRUE(job) << job.error().message;
  EXPECT_EQ(job->run.depth, 5U);
}

TEST(LoadReadJob, AnotherKindOfLoadReplacesTheOneBelow) {
  const auto closed = read({"tcp://127.0.0.1:1", "--closed"}, {"WEIR_LOAD_RATE=5k"});
  const auto steps = read({"tcp://127.0.0.1:1", "--steps", "1k,2k@1s"}, {"WEIR_LOAD_CLOSED=true"});

  ASSERT_TRUE(closed) << closed.error().message;
  EXPECT_FALSE(closed->run.rate);
  ASSERT_TRUE(steps) << steps.error().message;
  EXPECT_TRUE(steps->run.open);
}

TEST(LoadReadJob, SaysWhereAWrongValueWasSet) {
  const ConfigFile file("depth = 4\ntimeout = 5\n");

  EXPECT_THAT(complaint({"tcp://127.0.0.1:1"}, {"WEIR_LOAD_RATE=many"}),
              AllOf(HasSubstr("--rate"), HasSubstr("from WEIR_LOAD_RATE")));
  EXPECT_THAT(complaint({"tcp://127.0.0.1:1", "--config", file.path()}),
              AllOf(HasSubstr("--timeout"), HasSubstr(file.path() + ":2")));
}

TEST(LoadReadJob, RefusesNamesThatNoFlagHas) {
  const ConfigFile nested("config = other.conf\n");

  EXPECT_THAT(complaint({"tcp://127.0.0.1:1"}, {"WEIR_LOAD_RAET=1k"}),
              AllOf(HasSubstr("WEIR_LOAD_RAET"), HasSubstr("\"rate\"")));
  EXPECT_THAT(complaint({"tcp://127.0.0.1:1", "--config", nested.path()}),
              HasSubstr(":1: a file can't name another"));
  EXPECT_THAT(complaint({"tcp://127.0.0.1:1", "--config", "/nonexistent"}),
              HasSubstr("--config: cannot read \"/nonexistent\""));
}

TEST(LoadReadJob, OneFileServesAllJobs) {
  const ConfigFile file("rate = 5k\nslo = p99<2ms\nrounds = 5\nrates = 1k,2k\nrange = 1k..2k\n");
  const std::string target = "tcp://127.0.0.1:1";

  for (const Words& words :
       {Words{target}, Words{"demo"}, Words{"find-max", target}, Words{"sweep", target},
        Words{"compare", target, target}, Words{"report", "r.json"}, Words{"selftest"}}) {
    Words arguments = words;
    arguments.insert(arguments.end(), {"--config", file.path()});

    EXPECT_EQ(complaint(arguments), "") << words.front();
  }
  EXPECT_THAT(complaint({"find-max", target, "--rate", "5k", "--slo", "p99<1ms"}),
              HasSubstr("find-max chooses the rates"));
}

TEST(LoadReadJob, ContinuousIntegrationIsStrict) {
  struct Case {
    Words arguments, variables;
    bool is_strict;
  };
  const std::string target = "tcp://127.0.0.1:1";
  for (const Case& one : {Case{{target}, {}, false}, Case{{target}, {"CI=true"}, true},
                          Case{{target}, {"CI=false"}, false},
                          Case{{target, "--allow-untrusted"}, {"CI=true"}, false},
                          Case{{target}, {"CI=true", "WEIR_LOAD_ALLOW_UNTRUSTED=true"}, false},
                          Case{{target, "--strict"}, {"WEIR_LOAD_ALLOW_UNTRUSTED=true"}, true},
                          Case{{"compare", target, target}, {}, true},
                          Case{{"compare", target, target, "--allow-untrusted"}, {}, false}}) {
    SCOPED_TRACE(::testing::PrintToString(one.arguments) + ::testing::PrintToString(one.variables));

    const auto job = read(one.arguments, one.variables);

    ASSERT_TRUE(job) << job.error().message;
    EXPECT_EQ(job->run.is_strict, one.is_strict);
  }
  EXPECT_THAT(complaint({target, "--strict", "--allow-untrusted"}), HasSubstr("exclude"));
}

}  // namespace
}  // namespace weir::tools::load
