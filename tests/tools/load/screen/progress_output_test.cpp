#include "tools/weir/load/screen/progress_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <string>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

class TestPipe {
 public:
  TestPipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0); }
  TestPipe(const TestPipe&) = delete;
  TestPipe& operator=(const TestPipe&) = delete;
  ~TestPipe() {
    close_reader();
    ::close(ends_[1]);
  }

  [[nodiscard]] int writer() const noexcept { return ends_[1]; }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }
  [[nodiscard]] std::string read() const {
    std::array<char, 4096> bytes{};
    const ssize_t size = ::read(ends_[0], bytes.data(), bytes.size());
    return {bytes.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  }
  void fill() const {
    const std::string page(4096, 'x');
    while (::write(writer(), page.data(), page.size()) > 0) {
    }
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST(ProgressOutput, WritesWhatItIsGiven) {
  const TestPipe pipe;
  ProgressOutput output(pipe.writer());

  output.write("4 s\n");

  EXPECT_EQ(pipe.read(), "4 s\n");
  EXPECT_FALSE(output.has_failed());
}

// Without the guard SIGPIPE ends this test program.
TEST(ProgressOutput, AClosedPipeSilencesItAndNothingElse) {
  TestPipe pipe;
  ProgressOutput output(pipe.writer());
  pipe.close_reader();

  output.write("4 s\n");

  EXPECT_TRUE(output.has_failed());
  sigset_t pending;
  ::sigpending(&pending);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
  sigset_t blocked;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
  EXPECT_EQ(::sigismember(&blocked, SIGPIPE), 0);
}

TEST(ProgressOutput, AFullDiskSilencesIt) {
  const int fd = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ProgressOutput output(fd);

  output.write("4 s\n");

  EXPECT_TRUE(output.has_failed());
  ::close(fd);
}

TEST(ProgressOutput, IsNotReadyWhileNobodyReads) {
  const TestPipe pipe;
  const ProgressOutput output(pipe.writer());
  EXPECT_TRUE(output.is_ready());

  pipe.fill();

  EXPECT_FALSE(output.is_ready());
}

TEST(ProgressOutput, IsSilentAfterItGaveUp) {
  const TestPipe pipe;
  ProgressOutput output(pipe.writer());
  pipe.fill();

  output.write("lost");
  while (!pipe.read().empty()) {
  }
  output.write("silent");

  EXPECT_TRUE(output.has_failed());
  EXPECT_EQ(pipe.read(), "");
}

}  // namespace
}  // namespace weir::tools::load
