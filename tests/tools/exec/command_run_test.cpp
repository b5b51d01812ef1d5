#include "tools/weir/exec/command_run.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir::tools::exec {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

class CommandRunTest : public test::BackendTest {
 protected:
  void TearDown() override {
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a child was not reaped";
    EXPECT_EQ(errno, ECHILD);
  }
};
WEIR_ON_EACH_BACKEND(CommandRunTest);

constexpr RunLimits generous{.time = minutes(1), .output_bytes = std::size_t{8} << 20};

ChildProcess start_shell(const char* script) {
  return ChildProcess::start("/bin/sh", {"sh", "-c", script}).value();
}

Task<Result<CommandResult>> run_shell(const char* script, RunLimits limits = generous) {
  return run_command(start_shell(script), limits);
}

/// Puts a descriptor in the place of `fd` that can be neither polled nor read: EBADF.
void make_unusable(int fd) {
  const int path_fd = ::open("/", O_PATH | O_CLOEXEC);
  EXPECT_EQ(::dup3(path_fd, fd, O_CLOEXEC), fd);
  ::close(path_fd);
}

TEST_P(CommandRunTest, YieldsBothOutputsAndTheStatus) {
  const auto ended = run([]() -> Task<void> {
    const Result<CommandResult> result = co_await run_shell("echo out; echo err >&2; exit 5");

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_EQ(result->end, (ChildEnd{.exit_status = 5, .signal_number = 0}));
    EXPECT_EQ(result->output.to_string(), "out\n");
    EXPECT_EQ(result->errors.to_string(), "err\n");
    EXPECT_FALSE(result->timed_out);
    EXPECT_FALSE(result->truncated);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, BothPipesMayHoldMoreThanTheirCapacity) {
  const auto ended = run([]() -> Task<void> {
    // One after the other: whoever reads only one pipe to its end waits for ever.
    const Result<CommandResult> result = co_await run_shell(
        "head -c 1000000 /dev/zero; head -c 1000000 /dev/zero >&2; head -c 1000000 /dev/zero");

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_EQ(result->output.size(), 2'000'000U);
    EXPECT_EQ(result->errors.size(), 1'000'000U);
    EXPECT_EQ(result->end, ChildEnd{});
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, ASignalIsReported) {
  const auto ended = run([]() -> Task<void> {
    const Result<CommandResult> result = co_await run_shell("echo here; kill -SEGV $$");

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_EQ(result->end, (ChildEnd{.exit_status = 0, .signal_number = SIGSEGV}));
    EXPECT_EQ(result->output.to_string(), "here\n");
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, IsKilledAtTheTimeLimitWithWhatItHasWritten) {
  const auto ended = run([]() -> Task<void> {
    const RunLimits limits{.time = milliseconds(300), .output_bytes = 1000};

    const Result<CommandResult> result =
        co_await run_shell("trap '' TERM; echo here; sleep 1000 & wait", limits);

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_TRUE(result->timed_out);
    EXPECT_EQ(result->end.signal_number, SIGKILL);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, IsKilledAtTheOutputLimitWithWhatItHasWritten) {
  const auto ended = run([]() -> Task<void> {
    const RunLimits limits{.time = minutes(1), .output_bytes = 100'000};

    const Result<CommandResult> result = co_await run_shell("yes | tr -d '\\n'", limits);

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_TRUE(result->truncated);
    EXPECT_FALSE(result->timed_out);
    EXPECT_EQ(result->output.to_string(), std::string(100'000, 'y'));
    EXPECT_EQ(result->end.signal_number, SIGKILL);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, ABackgroundJobNeitherDelaysNorOutlivesItsCommand) {
  const auto ended = run([]() -> Task<void> {
    // The job holds both pipes open. Its number comes with the output.
    const Result<CommandResult> result = co_await run_shell("sleep 1000 & echo $!");

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_EQ(result->end, ChildEnd{});
    // An orphan: whoever adopts it reaps it, so it may be a zombie for a moment.
    const std::string stat =
        "/proc/" + std::to_string(std::stoi(result->output.to_string())) + "/stat";
    for (;;) {
      std::ifstream file(stat);
      std::string number;
      std::string name;
      std::string state;
      if (!(file >> number >> name >> state) || name != "(sleep)" || state == "Z") break;
      co_await sleep_for(milliseconds(1));
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, ItsEndIsNotMissedAfterItClosedItsPipes) {
  const auto ended = run([]() -> Task<void> {
    const Result<CommandResult> result = co_await run_shell(
        "exec >&- 2>&-; i=0; while [ $i -lt 1000 ]; do i=$((i+1)); done; exit 4");

    EXPECT_TRUE(result);
    if (result) {
      EXPECT_EQ(result->end.exit_status, 4);
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, CancellingItKillsAndReaps) {
  const auto ended = run([]() -> Task<void> {
    for (int delay_us = 0; delay_us < 20'000; delay_us += 997) {
      Task<Result<CommandResult>> running = run_shell("sleep 1000 & exec sleep 1000");
      const Result<CommandResult> result =
          co_await with_timeout(microseconds(delay_us), std::move(running));

      EXPECT_FALSE(result);
      if (!result) {
        EXPECT_EQ(result.error(), Error::deadline_exceeded);
      }
      const pid_t left = ::waitpid(-1, nullptr, WNOHANG);
      EXPECT_EQ(left, -1);
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, ManyRunSideBySide) {
  const auto ended = run([]() -> Task<void> {
    Scope scope;
    int right = 0;
    for (int index = 0; index < 40; ++index) {
      scope.spawn([](int number, int* count) -> Task<void> {
        const std::vector<std::string> words = {
            "sh", "-c", "head -c $0 /dev/zero; exit $(($0 % 256))", std::to_string(number * 5000)};
        ChildProcess child = ChildProcess::start("/bin/sh", words).value();
        Task<Result<CommandResult>> running = run_command(std::move(child), generous);
        const Result<CommandResult> result = co_await std::move(running);
        const int bytes = number * 5000;
        if (result && result->output.size() == static_cast<std::size_t>(bytes) &&
            result->end.exit_status == bytes % 256) {
          ++*count;
        }
      }(index, &right));
    }
    co_await scope.join();

    EXPECT_EQ(right, 40);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, AnEndThatCannotBeAwaitedKillsItAndIsTold) {
  const auto ended = run([]() -> Task<void> {
    ChildProcess child = start_shell("sleep 1000 & exec sleep 1000");
    make_unusable(child.exit_fd());

    Task<Result<CommandResult>> running = run_command(std::move(child), generous);
    const Result<CommandResult> result = co_await std::move(running);

    EXPECT_TRUE(result);
    if (!result) co_return;
    EXPECT_EQ(result->failure, from_errno(EBADF));
    EXPECT_EQ(result->end.signal_number, SIGKILL);
    EXPECT_FALSE(result->timed_out);
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, APipeThatCannotBeReadKillsItAndIsTold) {
  const auto ended = run([]() -> Task<void> {
    for (const auto pipe_of : {&ChildProcess::output_fd, &ChildProcess::error_fd}) {
      ChildProcess child = start_shell("sleep 1000 & exec sleep 1000");
      make_unusable((child.*pipe_of)());

      Task<Result<CommandResult>> running = run_command(std::move(child), generous);
      const Result<CommandResult> result = co_await std::move(running);

      EXPECT_TRUE(result);
      if (!result) co_return;
      EXPECT_EQ(result->failure, from_errno(EBADF));
      EXPECT_EQ(result->end.signal_number, SIGKILL);
      EXPECT_FALSE(result->timed_out);
    }
  });

  EXPECT_TRUE(ended);
}

TEST_P(CommandRunTest, WithoutAFailureNoneIsTold) {
  const auto ended = run([]() -> Task<void> {
    const Result<CommandResult> result = co_await run_shell("echo out");

    EXPECT_TRUE(result);
    if (result) {
      EXPECT_FALSE(result->failure) << result->failure.message();
    }
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir::tools::exec
