#include "tools/weir/exec/captured_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using State = CapturedOutput::State;

class TestPipe {
 public:
  TestPipe() { EXPECT_EQ(::pipe2(ends_.data(), O_CLOEXEC | O_NONBLOCK), 0); }
  TestPipe(const TestPipe&) = delete;
  TestPipe& operator=(const TestPipe&) = delete;
  ~TestPipe() {
    ::close(ends_[0]);
    end();
  }
  [[nodiscard]] int fd() const { return ends_[0]; }
  void write(std::string_view text) const {
    ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void end() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{};
};

TEST(CapturedOutput, TakesWhatIsThereAndDoesNotBlock) {
  TestPipe pipe;
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 100};

  const auto nothing = output.read_from(pipe.fd(), budget);
  pipe.write("one ");
  const auto some = output.read_from(pipe.fd(), budget);
  pipe.write("two");
  pipe.end();
  const auto rest = output.read_from(pipe.fd(), budget);

  EXPECT_EQ(*nothing, State::waiting);
  EXPECT_EQ(*some, State::waiting);
  EXPECT_EQ(*rest, State::ended);
  EXPECT_EQ(budget.bytes_left, 93U);
  EXPECT_EQ(output.take().to_string(), "one two");
  EXPECT_EQ(output.size(), 0U);
}

TEST(CapturedOutput, ManyBlocksStayInOrder) {
  TestPipe pipe;
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 10'000'000};
  std::string expected;

  for (int round = 0; round < 100; ++round) {
    const std::string text(static_cast<std::size_t>(1 + 300 * round), static_cast<char>(round));
    expected += text;
    pipe.write(text);
    ASSERT_EQ(*output.read_from(pipe.fd(), budget), State::waiting);
  }

  EXPECT_EQ(output.size(), expected.size());
  EXPECT_EQ(output.take().to_string(), expected);
}

TEST(CapturedOutput, ADripNeedsNoMoreMemoryThanItsBytes) {
  TestPipe pipe;
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 10'000};

  for (int round = 0; round < 4000; ++round) {
    pipe.write("x");
    ASSERT_EQ(*output.read_from(pipe.fd(), budget), State::waiting);
  }

  EXPECT_EQ(output.take().buffer_count(), 1U);
}

TEST(CapturedOutput, AllOfTheBudgetIsNotTooMuch) {
  TestPipe pipe;
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 6};
  pipe.write("sixsix");
  pipe.end();

  EXPECT_EQ(*output.read_from(pipe.fd(), budget), State::ended);

  EXPECT_FALSE(budget.is_exceeded);
  EXPECT_EQ(output.take().to_string(), "sixsix");
}

TEST(CapturedOutput, OneByteMoreIs) {
  TestPipe pipe;
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 6};
  pipe.write("sixsix+");

  EXPECT_EQ(*output.read_from(pipe.fd(), budget), State::exceeded);

  EXPECT_TRUE(budget.is_exceeded);
  EXPECT_EQ(output.take().to_string(), "sixsix");
}

TEST(CapturedOutput, TwoPipesShareABudget) {
  TestPipe first_pipe;
  TestPipe second_pipe;
  CapturedOutput first;
  CapturedOutput second;
  OutputBudget budget{.bytes_left = 5};
  first_pipe.write("abc");
  second_pipe.write("defg");

  EXPECT_EQ(*first.read_from(first_pipe.fd(), budget), State::waiting);
  EXPECT_EQ(*second.read_from(second_pipe.fd(), budget), State::exceeded);

  EXPECT_EQ(first.take().to_string(), "abc");
  EXPECT_EQ(second.take().to_string(), "de");
}

TEST(CapturedOutput, AnErrorIsTheSystems) {
  CapturedOutput output;
  OutputBudget budget{.bytes_left = 5};

  EXPECT_EQ(output.read_from(-1, budget).error(), from_errno(EBADF));
}

}  // namespace
}  // namespace weir::tools::exec
