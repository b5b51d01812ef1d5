#include "tools/weir/common/line_output.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

class TemporaryFile {
 public:
  TemporaryFile() : path_(::testing::TempDir() + "weir_line_output_XXXXXX") {
    const int fd = ::mkstemp(path_.data());
    if (fd >= 0) ::close(fd);
  }
  ~TemporaryFile() { std::filesystem::remove(path_); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string content() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string path_;
};

/// What a full disk does, for this process: no file grows beyond so many bytes.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    signal_before_ = std::signal(SIGXFSZ, SIG_IGN);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_before_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*signal_before_)(int) = SIG_DFL;
};

TEST(LineOutput, EachLineIsInTheFileAtOnce) {
  const TemporaryFile file;
  auto output = LineOutput::create(file.path());
  ASSERT_TRUE(output);

  ASSERT_TRUE(output->write("one\n"));
  EXPECT_EQ(file.content(), "one\n");
  ASSERT_TRUE(output->write("two\nthree\n"));
  EXPECT_EQ(file.content(), "one\ntwo\nthree\n");

  EXPECT_TRUE(output->close());
  EXPECT_TRUE(output->close());
}

TEST(LineOutput, EmptiesAFileThatWasThere) {
  const TemporaryFile file;
  std::ofstream(file.path()) << "something longer\n";

  auto output = LineOutput::create(file.path());

  ASSERT_TRUE(output && output->write("new\n"));
  EXPECT_EQ(file.content(), "new\n");
}

TEST(LineOutput, CannotCreateInAnAbsentDirectory) {
  const auto output = LineOutput::create("/absent/file");

  ASSERT_FALSE(output);
  EXPECT_EQ(output.error(), std::errc::no_such_file_or_directory);
}

TEST(LineOutput, AFullDeviceIsReportedOnce) {
  auto output = LineOutput::create("/dev/full");
  ASSERT_TRUE(output);

  const auto first = output->write("line\n");

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error(), std::errc::no_space_on_device);
  EXPECT_TRUE(output->is_broken());
  EXPECT_TRUE(output->write("line\n"));
  EXPECT_TRUE(output->close());
}

TEST(LineOutput, AFileThatMayNotGrowKeepsItsWholeLines) {
  const TemporaryFile file;
  auto output = LineOutput::create(file.path());
  ASSERT_TRUE(output && output->write("0123456789\n"));

  Result<> torn;
  {
    const FileSizeLimit limit(30);
    torn = output->write("abcdef\nghijkl\nmnopqr\n");
  }

  ASSERT_FALSE(torn);
  EXPECT_EQ(torn.error(), std::errc::file_too_large);
  EXPECT_EQ(file.content(), "0123456789\nabcdef\nghijkl\n");
  EXPECT_TRUE(output->write("later\n"));
  EXPECT_EQ(file.content(), "0123456789\nabcdef\nghijkl\n");
}

TEST(LineOutput, AReaderThatWentAwayDoesNotEndTheProcess) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  LineOutput output(ends[1]);
  ASSERT_TRUE(output.write("line\n"));
  ::close(ends[0]);

  const auto first = output.write("line\n");

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error(), std::errc::broken_pipe);
  EXPECT_TRUE(output.write("line\n"));
  sigset_t pending;
  ASSERT_EQ(::sigpending(&pending), 0);
  EXPECT_EQ(::sigismember(&pending, SIGPIPE), 0);
}

TEST(LineOutput, MovesWithItsDescriptor) {
  const TemporaryFile file;
  auto first = LineOutput::create(file.path());
  ASSERT_TRUE(first);

  LineOutput second = *std::move(first);
  ASSERT_TRUE(second.write("one\n"));
  auto third = LineOutput::create("/dev/full");
  ASSERT_TRUE(third);
  *third = std::move(second);

  ASSERT_TRUE(third->write("two\n"));
  EXPECT_EQ(file.content(), "one\ntwo\n");
}

}  // namespace
}  // namespace weir::tools
