// One-shot receives into the caller's memory, on each backend.
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstddef>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

class ReceiveIntoTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, ReceiveIntoTest, each_backend(), backend_name);

std::string_view text_of(const TestReceiveInto& receive) {
  return as_text(receive.destination.first(static_cast<std::size_t>(receive.result)));
}

TEST_P(ReceiveIntoTest, ReceivesWhatIsThereAndWhatComesLater) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    std::array<std::byte, 100> memory;
    TestReceiveInto receive(driver(), pair.ours.descriptor());
    receive.destination = memory;

    pair.theirs.send("there");
    reactor().start(receive);
    ASSERT_TRUE(receive.finish());
    ASSERT_EQ(receive.result, 5);
    EXPECT_EQ(text_of(receive), "there");

    reactor().start(receive);
    driver().turns(3);
    ASSERT_TRUE(receive.in_flight());
    pair.theirs.send("later");
    ASSERT_TRUE(receive.finish());
    ASSERT_EQ(receive.result, 5);
    EXPECT_EQ(text_of(receive), "later");
    EXPECT_EQ(receive.runs, 2);
  }
}

TEST_P(ReceiveIntoTest, SmallMemoryReceivesALongStreamWithoutAGap) {
  StreamPair pair(reactor(), PairKind::tcp);
  constexpr std::size_t bytes = 300'000;
  const auto stream = numbered_bytes(0, bytes);
  std::array<std::byte, 777> memory;
  TestReceiveInto receive(driver(), pair.ours.descriptor());
  receive.destination = memory;
  NumberedReader reader;
  receive.on_run = [&] {
    if (receive.result <= 0) return;
    reader.take(receive.destination.first(static_cast<std::size_t>(receive.result)));
    reactor().start(receive);
  };

  std::size_t sent = 0;
  reactor().start(receive);
  ASSERT_TRUE(driver().run_until([&] {
    sent += pair.theirs.send(std::span(stream).subspan(sent));
    return reader.position() == bytes || !reader.intact();
  }));

  EXPECT_TRUE(reader.intact());
}

TEST_P(ReceiveIntoTest, EndOfStreamIsZeroAsOftenAsAsked) {
  StreamPair pair(reactor(), PairKind::tcp);
  std::array<std::byte, 100> memory;
  TestReceiveInto receive(driver(), pair.ours.descriptor());
  receive.destination = memory;
  pair.theirs.send("last");
  pair.theirs.shutdown_write();

  reactor().start(receive);
  ASSERT_TRUE(receive.finish());
  EXPECT_EQ(text_of(receive), "last");

  for (int again = 0; again < 3; ++again) {
    reactor().start(receive);
    ASSERT_TRUE(receive.finish());
    EXPECT_EQ(receive.result, 0);
  }
}

TEST_P(ReceiveIntoTest, ResetIsReported) {
  StreamPair pair(reactor(), PairKind::tcp);
  std::array<std::byte, 100> memory;
  TestReceiveInto receive(driver(), pair.ours.descriptor());
  receive.destination = memory;
  reactor().start(receive);
  driver().turns(2);

  pair.theirs.reset();
  ASSERT_TRUE(receive.finish());

  EXPECT_EQ(receive.result, -ECONNRESET);
}

TEST_P(ReceiveIntoTest, UnconnectedSocketIsReported) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | reactor().socket_flags();
  ReactorSocket socket(reactor(), ::socket(AF_INET, type, 0));
  std::array<std::byte, 100> memory;
  TestReceiveInto receive(driver(), socket.descriptor());
  receive.destination = memory;

  reactor().start(receive);
  ASSERT_TRUE(receive.finish());

  EXPECT_EQ(receive.result, -ENOTCONN);
}

TEST_P(ReceiveIntoTest, CancelledReceiveLosesNothing) {
  StreamPair pair(reactor(), PairKind::tcp);
  std::array<std::byte, 100> memory;
  TestReceiveInto receive(driver(), pair.ours.descriptor());
  receive.destination = memory;
  reactor().start(receive);
  driver().turns(2);

  reactor().cancel(receive);
  ASSERT_TRUE(receive.finish());
  EXPECT_EQ(receive.result, -ECANCELED);
  pair.theirs.send("kept");
  driver().turns(2);
  reactor().start(receive);
  ASSERT_TRUE(receive.finish());

  EXPECT_EQ(text_of(receive), "kept");
}

TEST_P(ReceiveIntoTest, ManyReceiversOfReadyBytesAllGetThem) {
  constexpr int count = 100;  // more than a backend may serve while it starts them
  std::vector<std::unique_ptr<StreamPair>> pairs;
  std::vector<std::unique_ptr<TestReceiveInto>> receives;
  std::vector<std::array<std::byte, 8>> memories(count);
  for (int i = 0; i < count; ++i) {
    pairs.push_back(std::make_unique<StreamPair>(reactor(), PairKind::unix_socket));
    receives.push_back(
        std::make_unique<TestReceiveInto>(driver(), pairs.back()->ours.descriptor()));
    receives.back()->destination = memories[static_cast<std::size_t>(i)];
    pairs.back()->theirs.send("12345678abcdefgh");
  }

  for (int round = 1; round <= 2; ++round) {
    for (auto& receive : receives) reactor().start(*receive);
    for (auto& receive : receives) {
      ASSERT_TRUE(receive->finish());
      EXPECT_EQ(text_of(*receive), round == 1 ? "12345678" : "abcdefgh");
    }
  }
}

}  // namespace
}  // namespace weir::test
