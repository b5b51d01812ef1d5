#include "tools/weir/exec/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/descriptor_limit.h"

namespace weir::tools::exec {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

/// All that comes until the pipe ends; the descriptor does not block.
std::string read_all(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    pollfd readable{.fd = fd, .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&readable, 1, 60'000), 1);
    const ssize_t bytes = ::read(fd, buffer.data(), buffer.size());
    if (bytes <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
}

ChildProcess start_shell(const std::string& script) {
  Result<ChildProcess> child = ChildProcess::start("/bin/sh", {"sh", "-c", script});
  EXPECT_TRUE(child) << child.error().message();
  return std::move(*child);
}

/// The set behind `name` in what /proc says of a process.
unsigned long long signal_set(const std::string& status, const std::string& name) {
  const std::size_t at = status.find(name);
  EXPECT_NE(at, std::string::npos) << status;
  if (at == std::string::npos) return ~0ULL;
  return std::stoull(status.substr(at + name.size()), nullptr, 16);
}

bool exists(pid_t pid) { return ::kill(pid, 0) == 0 || errno != ESRCH; }

TEST(ChildProcess, GivesItsOutputAndItsStatus) {
  ChildProcess child = start_shell("echo out; echo err >&2; exit 7");

  EXPECT_EQ(read_all(child.output_fd()), "out\n");
  EXPECT_EQ(read_all(child.error_fd()), "err\n");
  EXPECT_EQ(child.reap(), (ChildEnd{.exit_status = 7, .signal_number = 0}));
}

TEST(ChildProcess, GetsItsWordsAsTheyAre) {
  const std::vector<std::string> words = {"sh", "-c", "printf '<%s>' \"$0\" \"$@\"", "a b", "$HOME",
                                          "",   "*"};
  Result<ChildProcess> child = ChildProcess::start("/bin/sh", words);
  ASSERT_TRUE(child);

  EXPECT_EQ(read_all(child->output_fd()), "<a b><$HOME><><*>");
  EXPECT_EQ(child->reap(), ChildEnd{});
}

TEST(ChildProcess, InheritsNothingOfOurs) {
  // A descriptor that is not closed by exec itself, a variable, an ignored and a blocked signal.
  const int leak = ::open("/dev/null", O_RDONLY);
  ::setenv("WEIR_TEST_SECRET", "1", 1);
  const auto pipe_before = ::signal(SIGPIPE, SIG_IGN);
  sigset_t blocked;
  sigset_t mask_before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &blocked, &mask_before);

  ChildProcess child = start_shell(
      "env; grep -E 'Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l; readlink "
      "/proc/self/fd/0");
  const std::string seen = read_all(child.output_fd());
  static_cast<void>(child.reap());
  ::pthread_sigmask(SIG_SETMASK, &mask_before, nullptr);
  ::signal(SIGPIPE, pipe_before);
  ::unsetenv("WEIR_TEST_SECRET");
  ::close(leak);

  EXPECT_THAT(seen, HasSubstr("PATH=/usr/local/bin:/usr/bin:/bin\n"));
  EXPECT_THAT(seen, HasSubstr("LANG=C.UTF-8\n"));
  EXPECT_THAT(seen, Not(HasSubstr("WEIR_TEST_SECRET")));
  EXPECT_EQ(signal_set(seen, "SigBlk:"), 0U);
  EXPECT_EQ(signal_set(seen, "SigIgn:") & (1U << (SIGPIPE - 1)), 0U);
  EXPECT_THAT(seen, HasSubstr("\n4\n/dev/null\n"));  // three, and the one that ls reads
}

TEST(ChildProcess, LeadsASessionOfItsOwn) {
  ChildProcess child = start_shell("cat /proc/self/stat | cut -d' ' -f5,6");

  const std::string number = std::to_string(child.pid());

  EXPECT_EQ(read_all(child.output_fd()), number + " " + number + "\n");
  static_cast<void>(child.reap());
}

TEST(ChildProcess, TheWholeGroupIsKilled) {
  // The inner one says who it is and waits for a signal; the pipe ends when both are gone.
  ChildProcess child = start_shell("sh -c 'echo $$; exec sleep 1000' & wait");
  std::string line;
  for (char character = 0; character != '\n';) {
    pollfd readable{.fd = child.output_fd(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(::poll(&readable, 1, 60'000), 1);
    ASSERT_EQ(::read(child.output_fd(), &character, 1), 1);
    line += character;
  }

  child.kill_group();

  EXPECT_EQ(read_all(child.output_fd()), "");
  EXPECT_EQ(child.reap(), (ChildEnd{.exit_status = 0, .signal_number = SIGKILL}));
  EXPECT_GT(std::stoi(line), 0);
}

TEST(ChildProcess, ItsExitIsReadable) {
  ChildProcess child = start_shell("exit 0");

  pollfd ended{.fd = child.exit_fd(), .events = POLLIN, .revents = 0};

  EXPECT_EQ(::poll(&ended, 1, 60'000), 1);
  EXPECT_EQ(child.reap(), ChildEnd{});
}

TEST(ChildProcess, DestroyingItLeavesNothingBehind) {
  pid_t pid = 0;
  {
    const ChildProcess child = start_shell("exec sleep 1000");
    pid = child.pid();
    ASSERT_TRUE(exists(pid));
  }

  EXPECT_FALSE(exists(pid));
  EXPECT_EQ(::waitpid(pid, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(ChildProcess, WhatCannotBeStartedIsAnError) {
  EXPECT_EQ(ChildProcess::start("/nonexistent", {"x"}).error(), from_errno(ENOENT));
  EXPECT_EQ(ChildProcess::start("/etc/passwd", {"x"}).error(), from_errno(EACCES));
  EXPECT_EQ(ChildProcess::start("/bin/sh", {"sh", "-c", std::string(1 << 20, 'x')}).error(),
            from_errno(E2BIG));
}

/// The page faults of all children that were reaped: grows with each, if only of a few.
long faults_of_children() {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  return usage.ru_minflt;
}

TEST(ChildProcess, WithoutDescriptorsNothingIsStarted) {
  const auto free_fd = [] {
    const int fd = ::dup(STDERR_FILENO);
    ::close(fd);
    return fd;
  };
  int refused_count = 0;
  bool is_started = false;
  for (int spare = 0; !is_started && spare < 16; ++spare) {
    const long faults_before = faults_of_children();
    const test::DescriptorLimit limit(static_cast<rlim_t>(free_fd() + spare));

    Result<ChildProcess> child = ChildProcess::start("/bin/sh", {"sh", "-c", "exit 0"});

    is_started = child.has_value();
    if (is_started) {
      EXPECT_EQ(child->reap(), ChildEnd{});
      EXPECT_GT(faults_of_children(), faults_before);  // it would have been seen
    } else {
      ++refused_count;
      EXPECT_EQ(child.error(), from_errno(EMFILE));
      EXPECT_EQ(faults_of_children(), faults_before) << spare;
    }
  }
  EXPECT_TRUE(is_started);
  EXPECT_GE(refused_count, 4);
}

}  // namespace
}  // namespace weir::tools::exec
