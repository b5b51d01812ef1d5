#include "tools/weir/load/screen/screen_printer.h"

#include <fcntl.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/load/screen/example_sample.h"

namespace weir::tools::load {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ScopedVariable {
 public:
  ScopedVariable(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value, 1);
  }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;
  ~ScopedVariable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

/// A terminal or a pipe: what is written to `writer` is what `read` gives.
class Receiver {
 public:
  static Receiver terminal(WindowSize window) {
    Receiver made;
    const winsize size{.ws_row = static_cast<unsigned short>(window.rows),
                       .ws_col = static_cast<unsigned short>(window.columns),
                       .ws_xpixel = 0,
                       .ws_ypixel = 0};
    termios raw{};  // no "\r" before "\n"
    EXPECT_EQ(::openpty(&made.reader_, &made.writer_, nullptr, &raw, &size), 0);
    ::fcntl(made.reader_, F_SETFL, O_NONBLOCK);
    return made;
  }
  static Receiver pipe() {
    Receiver made;
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
    made.reader_ = ends[0];
    made.writer_ = ends[1];
    return made;
  }

  Receiver(Receiver&& other) noexcept
      : reader_(std::exchange(other.reader_, -1)), writer_(std::exchange(other.writer_, -1)) {}
  Receiver& operator=(Receiver&&) = delete;
  ~Receiver() {
    if (reader_ >= 0) ::close(reader_);
    if (writer_ >= 0) ::close(writer_);
  }

  [[nodiscard]] int writer() const noexcept { return writer_; }
  void close_reader() { ::close(std::exchange(reader_, -1)); }
  [[nodiscard]] std::string read() const {
    std::string text;
    std::array<char, 4096> bytes{};
    for (ssize_t size = 0; (size = ::read(reader_, bytes.data(), bytes.size())) > 0;) {
      text.append(bytes.data(), static_cast<std::size_t>(size));
    }
    return text;
  }

 private:
  Receiver() = default;

  int reader_ = -1;
  int writer_ = -1;
};

ProgressSample quarter() {
  ProgressSample sample = example_sample();
  sample.ends_second = false;
  return sample;
}

class ScreenPrinterTest : public testing::Test {
 private:
  ScopedVariable term_{"TERM", "xterm"};
  ScopedVariable locale_{"LC_ALL", "C"};
  ScopedVariable no_color_{"NO_COLOR", "1"};
};

TEST(ProgressForm, IsWhatTheReceiverCanShow) {
  const TextEnvironment terminal{.is_terminal = true, .term = "xterm"};
  const TextEnvironment dumb{.is_terminal = true, .term = "dumb"};
  const TextEnvironment file{.term = "xterm"};
  const WindowSize usual;
  using enum ProgressChoice;

  EXPECT_EQ(choose_progress_form(automatic, terminal, usual), ProgressForm::screen);
  EXPECT_EQ(choose_progress_form(screen, terminal, usual), ProgressForm::screen);
  EXPECT_EQ(choose_progress_form(screen, terminal, {.columns = 59}), ProgressForm::line);
  EXPECT_EQ(choose_progress_form(screen, terminal, {.rows = 15}), ProgressForm::line);
  EXPECT_EQ(choose_progress_form(automatic, dumb, usual), ProgressForm::line);
  EXPECT_EQ(choose_progress_form(screen, dumb, usual), ProgressForm::line);
  EXPECT_EQ(choose_progress_form(automatic, file, usual), ProgressForm::plain);
  EXPECT_EQ(choose_progress_form(screen, file, usual), ProgressForm::plain);
  EXPECT_EQ(choose_progress_form(plain, terminal, usual), ProgressForm::plain);
  EXPECT_EQ(choose_progress_form(none, terminal, usual), ProgressForm::none);
}

TEST_F(ScreenPrinterTest, ATerminalGetsAScreenFourTimesASecond) {
  const auto terminal = Receiver::terminal({});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::automatic, {"heading"}, 1);

  printer.show(example_sample());
  const std::string first = terminal.read();
  printer.show(quarter());
  const std::string second = terminal.read();
  printer.end();

  EXPECT_TRUE(printer.wants_quarters());
  EXPECT_THAT(first, StartsWith("heading\x1b[K\n"));
  EXPECT_THAT(second, StartsWith("\r\x1b[14Aheading\x1b[K\n"));
  EXPECT_EQ(terminal.read(), "\r\x1b[14A\x1b[J");
}

TEST_F(ScreenPrinterTest, AStoppedTerminalHoldsNothingUp) {
  const auto terminal = Receiver::terminal({});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::screen, {"heading"}, 1);
  ASSERT_EQ(::tcflow(terminal.writer(), TCOOFF), 0);

  printer.show(example_sample());
  ASSERT_EQ(::tcflow(terminal.writer(), TCOON), 0);
  const std::string while_stopped = terminal.read();
  printer.show(example_sample());

  EXPECT_EQ(while_stopped, "");
  const std::string first = terminal.read();
  EXPECT_THAT(first, StartsWith("heading"));
  EXPECT_THAT(first, HasSubstr("20 000/s   88\x1b[K"));
}

TEST_F(ScreenPrinterTest, AWindowThatChangesGetsFramesOfItsSize) {
  const auto terminal = Receiver::terminal({});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::screen, {"heading"}, 1);
  printer.show(example_sample());
  (void)terminal.read();

  const winsize size{.ws_row = 10, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  ASSERT_EQ(::ioctl(terminal.writer(), TIOCSWINSZ, &size), 0);
  printer.show(example_sample());

  EXPECT_THAT(terminal.read(), EndsWith("\n\x1b[J"));
  printer.end();
  EXPECT_EQ(terminal.read(), "\r\x1b[9A\x1b[J");
}

TEST_F(ScreenPrinterTest, ADumbTerminalGetsALineWithoutEscapes) {
  const ScopedVariable term("TERM", "dumb");
  const auto terminal = Receiver::terminal({});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::automatic, {"heading"}, 1);
  ProgressSample longer = example_sample();
  longer.errors = 100;

  printer.show(longer);
  printer.show(quarter());
  printer.end();

  const std::string line = "\r[#########-------] 32 s / 60 s  20 009/s  p50 61 us  p99 212 us  ";
  EXPECT_EQ(terminal.read(), line + "100 errors" + line + "0 errors  " + "\r" +
                                 std::string(line.size() - 1 + 8, ' ') + "\r");
}

TEST_F(ScreenPrinterTest, ANarrowTerminalGetsALineThatDoesNotWrap) {
  const auto terminal = Receiver::terminal({.columns = 30});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::automatic, {"heading"}, 1);

  printer.show(example_sample());

  EXPECT_EQ(terminal.read(), "\r[#########-------] 32 s / 60 ");
}

TEST_F(ScreenPrinterTest, APipeGetsALineASecond) {
  const auto pipe = Receiver::pipe();
  ScreenPrinter printer(pipe.writer(), ProgressChoice::automatic, {"heading"}, 1);

  printer.show(quarter());
  printer.show(example_sample());
  printer.end();

  EXPECT_FALSE(printer.wants_quarters());
  EXPECT_EQ(pipe.read(), plain_line(example_sample(), {}) + "\n");
}

TEST_F(ScreenPrinterTest, NoneGetsNothing) {
  const auto terminal = Receiver::terminal({});
  ScreenPrinter printer(terminal.writer(), ProgressChoice::none, {"heading"}, 1);

  printer.show(example_sample());
  printer.end();

  EXPECT_EQ(terminal.read(), "");
}

TEST_F(ScreenPrinterTest, AClosedPipeEndsNothing) {
  auto pipe = Receiver::pipe();
  ScreenPrinter printer(pipe.writer(), ProgressChoice::plain, {}, 1);
  pipe.close_reader();

  printer.show(example_sample());
  printer.show(example_sample());
  printer.end();
}

TEST_F(ScreenPrinterTest, NoColorIsObeyed) {
  const auto terminal = Receiver::terminal({});
  ScreenPrinter plain(terminal.writer(), ProgressChoice::screen, {}, 1);
  plain.show(example_sample());
  EXPECT_THAT(terminal.read(), Not(HasSubstr("\x1b[32mok")));

  const ScopedVariable color("NO_COLOR", "");
  ScreenPrinter colored(terminal.writer(), ProgressChoice::screen, {}, 1);
  colored.show(example_sample());
  EXPECT_THAT(terminal.read(), HasSubstr("\x1b[32mok"));
}

}  // namespace
}  // namespace weir::tools::load
