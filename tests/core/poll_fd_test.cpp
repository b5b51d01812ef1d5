#include "weir/core/poll_fd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <limits>

#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

class PollFdTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(PollFdTest);

class EventFd {
 public:
  EventFd() : fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  EventFd(const EventFd&) = delete;
  EventFd& operator=(const EventFd&) = delete;
  ~EventFd() { ::close(fd); }
  void set() const {
    const std::uint64_t one = 1;
    EXPECT_EQ(::write(fd, &one, sizeof one), static_cast<ssize_t>(sizeof one));
  }
  void clear() const {
    std::uint64_t count = 0;
    EXPECT_EQ(::read(fd, &count, sizeof count), static_cast<ssize_t>(sizeof count));
  }

  const int fd;
};

TEST_P(PollFdTest, YieldsWhatIsThere) {
  const auto ended = run([]() -> Task<void> {
    const EventFd event;
    event.set();

    const Result<short> both = co_await poll_fd(event.fd, POLLIN | POLLOUT);
    const Result<short> readable = co_await poll_fd(event.fd, POLLIN);

    EXPECT_EQ(*both, POLLIN | POLLOUT);
    EXPECT_EQ(*readable, POLLIN);
  });

  EXPECT_TRUE(ended);
}

TEST_P(PollFdTest, WaitsUntilItIsReadyAgainAndAgain) {
  const auto ended = run([]() -> Task<void> {
    const EventFd event;
    Scope scope;
    int seen = 0;
    scope.spawn([](int fd, int* count) -> Task<void> {
      for (int round = 0; round < 20; ++round) {
        const Result<short> readable = co_await poll_fd(fd, POLLIN);
        EXPECT_EQ(*readable, POLLIN);
        std::uint64_t value = 0;
        EXPECT_GT(::read(fd, &value, sizeof value), 0);
        ++*count;
      }
    }(event.fd, &seen));

    for (int round = 0; round < 20; ++round) {
      co_await sleep_for(std::chrono::microseconds(200));
      EXPECT_EQ(seen, round);
      event.set();
      while (seen == round) co_await yield();
    }
    co_await scope.join();
  });

  EXPECT_TRUE(ended);
}

TEST_P(PollFdTest, ReportsAHangUpThatNobodyAskedFor) {
  const auto ended = run([]() -> Task<void> {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    ::close(ends[1]);

    const Result<short> events = co_await poll_fd(ends[0], POLLIN);

    EXPECT_NE(*events & POLLHUP, 0);
    ::close(ends[0]);
  });

  EXPECT_TRUE(ended);
}

TEST_P(PollFdTest, ACancelledOneYieldsTheReasonAndLeavesTheDescriptorUsable) {
  const auto ended = run([]() -> Task<void> {
    const EventFd event;

    const Result<short> nothing =
        co_await with_timeout(std::chrono::microseconds(100), poll_fd(event.fd, POLLIN));
    const Result<short> at_once = co_await with_timeout(Duration(-1), poll_fd(event.fd, POLLIN));
    event.set();
    const Result<short> readable = co_await poll_fd(event.fd, POLLIN);

    EXPECT_EQ(nothing.error(), Error::deadline_exceeded);
    EXPECT_EQ(at_once.error(), Error::deadline_exceeded);
    EXPECT_EQ(*readable, POLLIN);
  });

  EXPECT_TRUE(ended);
}

TEST_P(PollFdTest, OfNoDescriptorIsAnError) {
  const auto ended = run([]() -> Task<void> {
    const int none = std::numeric_limits<int>::max();

    const Result<short> events = co_await poll_fd(none, POLLIN);

    EXPECT_EQ(events.error(), from_errno(EBADF));
  });

  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace weir
