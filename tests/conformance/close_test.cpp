// The ends of a descriptor, on each backend.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "reactor/owned_fd.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

class CloseTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, CloseTest, each_backend(), backend_name);

TEST_P(CloseTest, CloseOperationClosesAndCompletesOnce) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestClose close(driver(), pair.ours.descriptor());

  reactor().start(close);
  EXPECT_EQ(close.runs, 0);
  ASSERT_TRUE(close.finish());

  EXPECT_EQ(close.result, 0);
  EXPECT_EQ(close.runs, 1);
  EXPECT_EQ(pair.ours.fd(), -1);
  EXPECT_TRUE(driver().run_until([&] {
    (void)pair.theirs.receive();
    return pair.theirs.at_end();
  }));
}

TEST_P(CloseTest, CloseNowEndsADescriptorThatWasInUse) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  pair.theirs.send("unread");
  driver().turns(2);
  reactor().cancel(source);
  ASSERT_TRUE(source.finish());

  reactor().close_now(pair.ours.descriptor());

  EXPECT_EQ(pair.ours.fd(), -1);
  EXPECT_TRUE(driver().run_until([&] {
    (void)pair.theirs.receive();
    return pair.theirs.at_end();
  }));
}

TEST_P(CloseTest, DuplicateOfAClosedDescriptorReachesNobody) {
  auto pair = std::make_unique<StreamPair>(reactor(), PairKind::unix_socket);
  auto source = std::make_unique<TestReceiveSource>(driver(), pair->ours.descriptor());
  reactor().start(*source);
  driver().turns(2);
  const reactor::OwnedFd duplicate(::fcntl(pair->ours.fd(), F_DUPFD_CLOEXEC, 0));
  PeerSocket theirs = std::move(pair->theirs);

  source.reset();
  pair.reset();  // the memory of the descriptor is gone; the file is still open
  theirs.send("for the duplicate");
  driver().turns(3);

  char bytes[64];
  EXPECT_EQ(::recv(duplicate.get(), bytes, sizeof bytes, MSG_DONTWAIT), 17);
}

TEST_P(CloseTest, NumberOfAClosedDescriptorCanBeUsedAgain) {
  int number = -1;
  for (int round = 0; round < 50; ++round) {
    StreamPair pair(reactor(), PairKind::unix_socket);
    if (round == 0) number = pair.ours.fd();
    ASSERT_EQ(pair.ours.fd(), number);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    reactor().start(source);
    pair.theirs.send("hello");
    ASSERT_TRUE(driver().run_until([&] { return source.inbox == "hello"; }));
  }
}

}  // namespace
}  // namespace weir::test
