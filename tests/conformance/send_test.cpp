// Send operations, on each backend.
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::Reactor;

/// Sends a queue to its end, or to the first error, one operation after another.
class Sender {
 public:
  Sender(ReactorDriver& driver, reactor::Descriptor& descriptor)
      : reactor_(driver.reactor()), operation(driver, descriptor, queue) {
    operation.on_run = [this] {
      completed();
      if (pumping) pump();
    };
  }

  /// Until the queue is empty, an operation is in flight, or an error came.
  void pump() {
    while (error == 0 && !queue.empty() && !operation.in_flight() && !operation.queued()) {
      if (reactor_.start(operation, 1)) completed();
    }
  }

 private:
  void completed() {
    if (operation.result < 0) {
      error = operation.result;
      return;
    }
    const auto taken = static_cast<std::size_t>(operation.result);
    EXPECT_GE(taken, 1U);
    EXPECT_LE(taken, operation.bytes);
    if (taken < queue.size()) ++partial;
    queue.trim_front(taken);
    ++gathers;
  }

  Reactor& reactor_;

 public:
  Chain queue;
  TestSend operation;
  bool pumping = true;  ///< each send is followed by the next
  int error = 0;
  int gathers = 0;
  int partial = 0;  ///< sends that left something over
};

class SendTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, SendTest, each_backend(), backend_name);

void set_send_buffer(int fd, int bytes) {
  ASSERT_EQ(::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes), 0);
}

/// Fills the socket's buffer, so that a send has to wait.
void pump_until_blocked(ReactorDriver& driver, Sender& sender) {
  sender.queue = numbered_chain(0, 8 << 20, 64 << 10);
  sender.pump();
  driver.turns(3);
  ASSERT_TRUE(sender.operation.in_flight());
}

TEST_P(SendTest, SendsAGatherOfMoreBuffersThanOneCallTakes) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    Sender sender(driver(), pair.ours.descriptor());
    sender.queue = numbered_chain(0, 20'000, /*piece_bytes=*/100);
    NumberedReader reader;

    sender.pump();
    ASSERT_TRUE(driver().run_until([&] {
      reader.take(pair.theirs.receive());
      return reader.position() == 20'000 || !reader.intact();
    }));

    EXPECT_TRUE(reader.intact());
    EXPECT_EQ(sender.error, 0);
    EXPECT_TRUE(sender.queue.empty());
  }
}

TEST_P(SendTest, TinySendBufferTakesALargeQueueInPieces) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    set_send_buffer(pair.ours.fd(), 1);
    Sender sender(driver(), pair.ours.descriptor());
    constexpr std::size_t bytes = 200'000;
    sender.queue = numbered_chain(0, bytes, /*piece_bytes=*/7'001);
    NumberedReader reader;

    sender.pump();
    ASSERT_TRUE(driver().run_until([&] {
      reader.take(pair.theirs.receive(3'333));
      return reader.position() == bytes || !reader.intact();
    }));

    EXPECT_TRUE(reader.intact());
    EXPECT_EQ(sender.error, 0);
    EXPECT_GT(sender.partial, 0);
  }
}

TEST_P(SendTest, QueueMayGrowWhileASendIsInFlight) {
  StreamPair pair(reactor(), PairKind::tcp);
  Sender sender(driver(), pair.ours.descriptor());
  pump_until_blocked(driver(), sender);
  NumberedReader reader;

  sender.queue.append(numbered_chain(8 << 20, 100'000, 10'000));
  ASSERT_TRUE(driver().run_until([&] {
    reader.take(pair.theirs.receive());
    return sender.queue.empty() && reader.position() == (8 << 20) + 100'000;
  }));

  EXPECT_TRUE(reader.intact());
  EXPECT_EQ(sender.error, 0);
}

TEST_P(SendTest, SendToAResetPeerFails) {
  StreamPair pair(reactor(), PairKind::tcp);
  Sender sender(driver(), pair.ours.descriptor());
  pair.theirs.reset();

  ASSERT_TRUE(driver().run_until([&] {
    if (sender.queue.empty()) sender.queue = numbered_chain(0, 100, 100);
    sender.pump();
    return sender.error != 0;
  }));

  EXPECT_TRUE(sender.error == -ECONNRESET || sender.error == -EPIPE) << sender.error;
}

TEST_P(SendTest, WaitingSendLearnsOfAReset) {
  StreamPair pair(reactor(), PairKind::tcp);
  Sender sender(driver(), pair.ours.descriptor());
  pump_until_blocked(driver(), sender);

  pair.theirs.reset();
  ASSERT_TRUE(driver().run_until([&] { return sender.error != 0; }));

  EXPECT_TRUE(sender.error == -ECONNRESET || sender.error == -EPIPE) << sender.error;
}

TEST_P(SendTest, WaitingSendLearnsThatAUnixPeerIsGone) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  Sender sender(driver(), pair.ours.descriptor());
  pump_until_blocked(driver(), sender);

  pair.theirs.close();
  ASSERT_TRUE(driver().run_until([&] { return sender.error != 0; }));

  EXPECT_TRUE(sender.error == -ECONNRESET || sender.error == -EPIPE) << sender.error;
}

TEST_P(SendTest, SendAfterShutdownFails) {
  StreamPair pair(reactor(), PairKind::tcp);
  Sender sender(driver(), pair.ours.descriptor());
  ::shutdown(pair.ours.fd(), SHUT_WR);
  sender.queue = numbered_chain(0, 100, 100);

  sender.pump();
  ASSERT_TRUE(driver().run_until([&] { return sender.error != 0; }));

  EXPECT_EQ(sender.error, -EPIPE);
}

TEST_P(SendTest, HalfClosedPeerStillReceives) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  pair.theirs.shutdown_write();
  ASSERT_TRUE(source.finish());
  ASSERT_EQ(source.end, reactor::ReceiveSource::End::end_of_stream);
  Sender sender(driver(), pair.ours.descriptor());
  sender.queue = numbered_chain(0, 50'000, 5'000);
  NumberedReader reader;

  sender.pump();
  ASSERT_TRUE(driver().run_until([&] {
    reader.take(pair.theirs.receive());
    return reader.position() == 50'000;
  }));

  EXPECT_EQ(sender.error, 0);
}

TEST_P(SendTest, CancelledSendLosesAndRepeatsNothing) {
  StreamPair pair(reactor(), PairKind::tcp);
  Sender sender(driver(), pair.ours.descriptor());
  pump_until_blocked(driver(), sender);
  NumberedReader reader;

  for (int round = 0; round < 20; ++round) {
    sender.pumping = false;
    reactor().cancel(sender.operation);
    ASSERT_TRUE(sender.operation.finish());
    sender.pumping = true;
    // What the kernel took by then is the result; else it took nothing.
    if (sender.error == -ECANCELED) sender.error = 0;
    reader.take(pair.theirs.receive(50'000));
    sender.pump();
    driver().turn();
  }
  ASSERT_TRUE(driver().run_until([&] {
    reader.take(pair.theirs.receive());
    return reader.position() == 8 << 20 || !reader.intact();
  }));

  EXPECT_TRUE(reader.intact());
  EXPECT_EQ(sender.error, 0);
}

}  // namespace
}  // namespace weir::test
