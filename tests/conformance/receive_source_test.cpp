// Receive sources, on each backend.
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <random>
#include <vector>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"
#include "tests/support/seed.h"

namespace weir::test {
namespace {

using End = reactor::ReceiveSource::End;

class ReceiveSourceTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, ReceiveSourceTest, each_backend(), backend_name);

TEST_P(ReceiveSourceTest, DeliversWhatArrives) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    pair.theirs.send("before");
    reactor().start(source);
    ASSERT_TRUE(driver().run_until([&] { return source.inbox == "before"; }));

    for (const char* const text : {" a", " b", " c"}) {
      const int runs_before = source.runs;
      pair.theirs.send(text);
      ASSERT_TRUE(driver().run_until([&] { return source.runs > runs_before; }));
    }

    EXPECT_EQ(source.inbox, "before a b c");
    EXPECT_TRUE(source.in_flight());
    EXPECT_EQ(source.end, End::none);
  }
}

TEST_P(ReceiveSourceTest, EndsWithTheStreamAfterAllOfItWasDelivered) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    const auto stream = numbered_bytes(0, 100'000);
    ASSERT_EQ(pair.theirs.send(stream), stream.size());
    pair.theirs.close();

    reactor().start(source);
    ASSERT_TRUE(source.finish());

    EXPECT_EQ(source.end, End::end_of_stream);
    EXPECT_EQ(source.result, 0);
    EXPECT_EQ(source.inbox, std::span<const std::byte>(stream));
  }
}

TEST_P(ReceiveSourceTest, EndsWhenAnIdlePeerCloses) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    reactor().start(source);
    driver().turns(2);
    ASSERT_EQ(source.runs, 0);

    pair.theirs.close();
    ASSERT_TRUE(source.finish());

    EXPECT_EQ(source.end, End::end_of_stream);
    EXPECT_EQ(source.runs, 1);
  }
}

TEST_P(ReceiveSourceTest, ResetIsAFailureWithItsError) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  driver().turns(2);

  pair.theirs.reset();
  ASSERT_TRUE(source.finish());

  EXPECT_EQ(source.end, End::failed);
  EXPECT_EQ(source.result, -ECONNRESET);
}

TEST_P(ReceiveSourceTest, UnconnectedSocketIsAFailure) {
  const int type = SOCK_STREAM | SOCK_CLOEXEC | reactor().socket_flags();
  ReactorSocket socket(reactor(), ::socket(AF_INET, type, 0));
  TestReceiveSource source(driver(), socket.descriptor());

  reactor().start(source);
  ASSERT_TRUE(source.finish());

  EXPECT_EQ(source.end, End::failed);
  EXPECT_EQ(source.result, -ENOTCONN);
}

TEST_P(ReceiveSourceTest, FullInboxEndsItAndARestartGoesOnWithoutAGap) {
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    source.inbox_bytes_max = 10'000;
    constexpr std::size_t bytes = 1'000'000;
    const auto stream = numbered_bytes(0, bytes);
    NumberedReader reader;
    std::size_t sent = 0;
    int times_full = 0;

    reactor().start(source);
    ASSERT_TRUE(driver().run_until([&] {
      sent += pair.theirs.send(std::span(stream).subspan(sent));
      if (source.in_flight() || source.queued()) return false;
      EXPECT_EQ(source.end, End::full);
      EXPECT_EQ(source.result, 0);
      EXPECT_GE(source.inbox.size(), source.inbox_bytes_max);
      ++times_full;
      reader.take(source.inbox);
      if (reader.position() + source.inbox_bytes_max > bytes) return true;
      reactor().start(source);
      return false;
    }));

    EXPECT_TRUE(reader.intact());
    EXPECT_GT(times_full, 1);
  }
}

TEST_P(ReceiveSourceTest, SourceThatIsFullAlreadyEndsAtOnce) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  source.inbox_bytes_max = 4;
  source.inbox.append(heap_buffer("full"));
  pair.theirs.send("more");

  reactor().start(source);
  ASSERT_TRUE(source.finish());
  EXPECT_EQ(source.end, End::full);

  source.inbox.clear();
  reactor().start(source);
  ASSERT_TRUE(driver().run_until([&] { return source.inbox == "more"; }));
}

TEST_P(ReceiveSourceTest, StoppedSourceKeepsWhatCameAndGoesOnLater) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  pair.theirs.send("one ");
  ASSERT_TRUE(driver().run_until([&] { return source.inbox == "one "; }));

  reactor().cancel(source);
  ASSERT_TRUE(source.finish());
  EXPECT_EQ(source.end, End::stopped);
  EXPECT_EQ(source.result, 0);
  pair.theirs.send("two ");
  driver().turns(3);
  EXPECT_EQ(source.inbox, "one ");
  reactor().start(source);
  pair.theirs.send("three");
  ASSERT_TRUE(driver().run_until([&] { return source.inbox == "one two three"; }));
}

TEST_P(ReceiveSourceTest, EndOfStreamWhileStoppedIsSeenByTheNextStart) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);
  driver().turns(2);
  reactor().cancel(source);
  ASSERT_TRUE(source.finish());

  pair.theirs.send("last words");
  pair.theirs.close();
  driver().turns(3);
  reactor().start(source);
  ASSERT_TRUE(source.finish());

  EXPECT_EQ(source.end, End::end_of_stream);
  EXPECT_EQ(source.inbox, "last words");
}

TEST_P(ReceiveSourceTest, RandomStopsAndStartsLeaveNoGap) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    source.inbox_bytes_max = 50'000;
    constexpr std::size_t bytes = 3'000'000;
    const auto stream = numbered_bytes(0, bytes);
    NumberedReader reader;
    std::size_t sent = 0;

    reactor().start(source);
    ASSERT_TRUE(driver().run_until([&] {
      if (random() % 4 != 0) {
        const std::size_t piece = std::min<std::size_t>(1 + random() % 40'000, bytes - sent);
        sent += pair.theirs.send(std::span(stream).subspan(sent, piece));
      }
      if (random() % 3 == 0) reactor().cancel(source);
      if (random() % 2 == 0) reader.take(source.inbox);
      if (!source.in_flight() && !source.queued()) reactor().start(source);
      return !reader.intact() || reader.position() == bytes;
    }));

    EXPECT_TRUE(reader.intact());
    EXPECT_FALSE(source.finished());
  }
}

TEST_P(ReceiveSourceTest, UrgentDataDoesNotHoldUpTheStream) {
  StreamPair pair(reactor(), PairKind::tcp);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);

  pair.theirs.send("before ");
  pair.theirs.send("!", MSG_OOB);
  pair.theirs.send("after");

  EXPECT_TRUE(driver().run_until([&] { return source.inbox == "before after"; }));
}

TEST_P(ReceiveSourceTest, DescriptorsSentAlongAreDroppedAndDoNotHoldUpTheStream) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestReceiveSource source(driver(), pair.ours.descriptor());
  reactor().start(source);

  pair.theirs.send("before ");
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(int))> control{};
  char text[] = "with ";
  iovec piece{.iov_base = text, .iov_len = std::strlen(text)};
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* const header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int sent_along = pair.theirs.fd();
  std::memcpy(CMSG_DATA(header), &sent_along, sizeof sent_along);
  ASSERT_EQ(::sendmsg(pair.theirs.fd(), &message, 0), 5);
  pair.theirs.send("after");

  EXPECT_TRUE(driver().run_until([&] { return source.inbox == "before with after"; }));
}

TEST_P(ReceiveSourceTest, LargeStreamArrivesByteExactFromAnyWriteSizes) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (const PairKind kind : {PairKind::unix_socket, PairKind::tcp}) {
    StreamPair pair(reactor(), kind);
    TestReceiveSource source(driver(), pair.ours.descriptor());
    constexpr std::size_t bytes = 8'000'000;
    const auto stream = numbered_bytes(0, bytes);
    NumberedReader reader;
    source.on_run = [&] {
      if (random() % 4 == 0) return;  // a pause
      reader.take(source.inbox);
      if (source.end == End::full) reactor().start(source);
    };
    std::size_t sent = 0;

    reactor().start(source);
    ASSERT_TRUE(driver().run_until([&] {
      const std::size_t scale = std::size_t{1} << random() % 20;
      const std::size_t piece = std::min<std::size_t>(1 + random() % scale, bytes - sent);
      sent += pair.theirs.send(std::span(stream).subspan(sent, piece));
      if (!source.in_flight() && !source.queued()) {
        reader.take(source.inbox);
        reactor().start(source);
      }
      if (sent == bytes) reader.take(source.inbox);
      return reader.position() == bytes || !reader.intact();
    }));

    EXPECT_TRUE(reader.intact());
  }
}

}  // namespace
}  // namespace weir::test
