// Poll operations: level-triggered as poll(2), on each backend.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <memory>

#include "reactor/owned_fd.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::OwnedFd;

class PollFdTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, PollFdTest, each_backend(), backend_name);

/// A poll of a descriptor that somebody else owns.
class BorrowedPoll {
 public:
  BorrowedPoll(ReactorDriver& driver, int fd, short events)
      : driver_(driver), descriptor_(fd), operation(driver, descriptor_) {
    operation.events = events;
  }
  ~BorrowedPoll() {
    driver_.reactor().cancel(operation);
    EXPECT_TRUE(operation.finish());
    driver_.reactor().forget(descriptor_);
  }

 private:
  ReactorDriver& driver_;
  reactor::Descriptor descriptor_;

 public:
  TestPoll operation;
};

struct Pipe {
  Pipe() {
    int fds[2];
    WEIR_ASSERT(::pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
    reading = OwnedFd(fds[0]);
    writing = OwnedFd(fds[1]);
  }
  void write(std::size_t bytes = 1) const {
    const std::array<char, 4096> zeros{};
    while (bytes > 0) {
      const ssize_t taken = ::write(writing.get(), zeros.data(), std::min(bytes, zeros.size()));
      if (taken <= 0) return;
      bytes -= static_cast<std::size_t>(taken);
    }
  }
  OwnedFd reading;
  OwnedFd writing;
};

TEST_P(PollFdTest, SeesWhatIsThereAlready) {
  const Pipe pipe;
  pipe.write();
  BorrowedPoll poll(driver(), pipe.reading.get(), POLLIN);

  reactor().start(poll.operation);
  ASSERT_TRUE(poll.operation.finish());

  EXPECT_EQ(poll.operation.result, POLLIN);
  EXPECT_EQ(poll.operation.runs, 1);
}

TEST_P(PollFdTest, WaitsForWhatComesLater) {
  const Pipe pipe;
  BorrowedPoll poll(driver(), pipe.reading.get(), POLLIN);
  reactor().start(poll.operation);
  driver().turns(3);
  ASSERT_TRUE(poll.operation.in_flight());

  pipe.write();
  ASSERT_TRUE(poll.operation.finish());

  EXPECT_EQ(poll.operation.result, POLLIN);
}

TEST_P(PollFdTest, IsLevelTriggeredEachTimeItIsStarted) {
  const Pipe pipe;
  pipe.write();
  BorrowedPoll poll(driver(), pipe.reading.get(), POLLIN);

  for (int round = 1; round <= 3; ++round) {  // the byte stays unread
    reactor().start(poll.operation);
    ASSERT_TRUE(poll.operation.finish());
    EXPECT_EQ(poll.operation.result, POLLIN);
    EXPECT_EQ(poll.operation.runs, round);
  }
}

TEST_P(PollFdTest, IdleDescriptorIsNotReported) {
  const Pipe pipe;
  BorrowedPoll poll(driver(), pipe.reading.get(), POLLIN);
  pipe.write();
  reactor().start(poll.operation);
  ASSERT_TRUE(poll.operation.finish());
  std::array<char, 8> bytes;
  ASSERT_EQ(::read(pipe.reading.get(), bytes.data(), bytes.size()), 1);

  reactor().start(poll.operation);
  driver().turns(5);

  EXPECT_TRUE(poll.operation.in_flight());
}

TEST_P(PollFdTest, WritabilityIsSeenWhenThereIsRoom) {
  const Pipe pipe;
  pipe.write(1 << 20);  // as much as it takes
  BorrowedPoll poll(driver(), pipe.writing.get(), POLLOUT);
  reactor().start(poll.operation);
  driver().turns(3);
  ASSERT_TRUE(poll.operation.in_flight());

  std::array<char, 65'536> bytes;
  while (::read(pipe.reading.get(), bytes.data(), bytes.size()) > 0) {
  }
  ASSERT_TRUE(poll.operation.finish());

  EXPECT_EQ(poll.operation.result, POLLOUT);
}

TEST_P(PollFdTest, HangUpAndErrorAlwaysCount) {
  Pipe without_writer;
  BorrowedPoll hang_up(driver(), without_writer.reading.get(), POLLIN);
  reactor().start(hang_up.operation);
  driver().turns(2);
  without_writer.writing = OwnedFd();
  ASSERT_TRUE(hang_up.operation.finish());
  EXPECT_EQ(hang_up.operation.result, POLLHUP);

  Pipe without_reader;
  BorrowedPoll error(driver(), without_reader.writing.get(), POLLPRI);
  reactor().start(error.operation);
  driver().turns(2);
  without_reader.reading = OwnedFd();
  ASSERT_TRUE(error.operation.finish());
  EXPECT_EQ(error.operation.result, POLLERR);
}

TEST_P(PollFdTest, RegularFileIsAlwaysReady) {
  const OwnedFd file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
  BorrowedPoll poll(driver(), file.get(), POLLIN | POLLOUT);

  reactor().start(poll.operation);
  ASSERT_TRUE(poll.operation.finish());

  EXPECT_EQ(poll.operation.result, POLLIN | POLLOUT);
}

TEST_P(PollFdTest, ClosedDescriptorIsReported) {
  const int closed = ::fcntl(0, F_DUPFD_CLOEXEC, 500);  // a number that nobody else takes meanwhile
  ::close(closed);
  BorrowedPoll poll(driver(), closed, POLLIN);

  reactor().start(poll.operation);
  ASSERT_TRUE(poll.operation.finish());

  EXPECT_EQ(poll.operation.result, -EBADF);
}

TEST_P(PollFdTest, EventfdSignalfdAndPidfdCanBePolled) {
  const OwnedFd event(::eventfd(0, EFD_CLOEXEC));
  BorrowedPoll event_poll(driver(), event.get(), POLLIN);
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGUSR1);
  sigset_t before;
  ::pthread_sigmask(SIG_BLOCK, &signals, &before);
  const OwnedFd signal(::signalfd(-1, &signals, SFD_CLOEXEC));
  BorrowedPoll signal_poll(driver(), signal.get(), POLLIN);
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  const OwnedFd pid(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  ASSERT_TRUE(pid.valid());
  BorrowedPoll pid_poll(driver(), pid.get(), POLLIN);
  for (auto* poll : {&event_poll, &signal_poll, &pid_poll}) reactor().start(poll->operation);
  driver().turns(3);

  const std::uint64_t one = 1;
  ASSERT_EQ(::write(event.get(), &one, sizeof one), 8);
  ::pthread_kill(::pthread_self(), SIGUSR1);
  ::kill(child, SIGKILL);
  for (auto* poll : {&event_poll, &signal_poll, &pid_poll}) {
    ASSERT_TRUE(poll->operation.finish());
    EXPECT_EQ(poll->operation.result, POLLIN);
  }

  signalfd_siginfo taken;
  EXPECT_EQ(::read(signal.get(), &taken, sizeof taken), static_cast<ssize_t>(sizeof taken));
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  ::waitpid(child, nullptr, 0);
}

TEST_P(PollFdTest, OneDescriptorMayBePolledManyTimesAtOnce) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  BorrowedPoll reading(driver(), pair.ours.fd(), POLLIN);
  BorrowedPoll reading_too(driver(), pair.ours.fd(), POLLIN);
  BorrowedPoll urgent(driver(), pair.ours.fd(), POLLPRI);
  BorrowedPoll writing(driver(), pair.ours.fd(), POLLOUT);
  for (auto* poll : {&reading, &reading_too, &urgent, &writing}) reactor().start(poll->operation);

  ASSERT_TRUE(writing.operation.finish());
  EXPECT_EQ(writing.operation.result, POLLOUT);
  EXPECT_EQ(reading.operation.runs, 0);
  pair.theirs.send("x");
  ASSERT_TRUE(reading.operation.finish());
  ASSERT_TRUE(reading_too.operation.finish());

  EXPECT_EQ(reading.operation.result, POLLIN);
  EXPECT_EQ(reading_too.operation.result, POLLIN);
  EXPECT_TRUE(urgent.operation.in_flight());
}

TEST_P(PollFdTest, SocketWithASourceMayBePolledToo) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  BorrowedPoll early(driver(), pair.ours.fd(), POLLIN);
  reactor().start(early.operation);
  reactor().start(source);
  BorrowedPoll late(driver(), pair.ours.fd(), POLLOUT);
  reactor().start(late.operation);

  ASSERT_TRUE(late.operation.finish());
  pair.theirs.send("x");
  ASSERT_TRUE(driver().run_until([&] { return source.inbox == "x"; }));
  pair.theirs.send("y");
  ASSERT_TRUE(driver().run_until([&] { return source.inbox == "xy"; }));
}

TEST_P(PollFdTest, CancelledPollEndsAndLeavesTheOthersWaiting) {
  const Pipe pipe;
  BorrowedPoll kept(driver(), pipe.reading.get(), POLLIN);
  BorrowedPoll cancelled(driver(), pipe.reading.get(), POLLIN);
  reactor().start(kept.operation);
  reactor().start(cancelled.operation);
  driver().turns(2);

  reactor().cancel(cancelled.operation);
  ASSERT_TRUE(cancelled.operation.finish());
  EXPECT_EQ(cancelled.operation.result, -ECANCELED);
  EXPECT_TRUE(kept.operation.in_flight());
  pipe.write();
  ASSERT_TRUE(kept.operation.finish());

  EXPECT_EQ(kept.operation.result, POLLIN);
}

TEST_P(PollFdTest, ForgottenDescriptorStaysOpenAndSilent) {
  const Pipe pipe;
  {
    BorrowedPoll poll(driver(), pipe.reading.get(), POLLIN);
    reactor().start(poll.operation);
    driver().turns(2);
  }

  pipe.write();
  driver().turns(3);

  EXPECT_GE(::fcntl(pipe.reading.get(), F_GETFD), 0);
}

TEST_P(PollFdTest, HundredsOfPollsFindTheirOwnEvents) {
  constexpr std::size_t count = 300;
  std::vector<OwnedFd> events;
  std::vector<std::unique_ptr<BorrowedPoll>> polls;
  for (std::size_t i = 0; i < count; ++i) {
    events.emplace_back(::eventfd(0, EFD_CLOEXEC));
    polls.push_back(std::make_unique<BorrowedPoll>(driver(), events.back().get(), POLLIN));
    reactor().start(polls.back()->operation);
  }
  driver().turns(2);

  const std::uint64_t one = 1;
  for (std::size_t i = 0; i < count; i += 2) ASSERT_EQ(::write(events[i].get(), &one, 8), 8);
  for (std::size_t i = 0; i < count; i += 2) ASSERT_TRUE(polls[i]->operation.finish());

  for (std::size_t i = 1; i < count; i += 2) EXPECT_TRUE(polls[i]->operation.in_flight());
}

}  // namespace
}  // namespace weir::test
