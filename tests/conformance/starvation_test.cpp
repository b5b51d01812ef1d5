// A spent pool pauses receiving and loses nothing, on each backend.
#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::Clock;
using End = reactor::ReceiveSource::End;

/// A stream from a peer that always has more, until `bytes` are sent.
struct Stream {
  Stream(ReactorDriver& driver, std::size_t bytes)
      : pair(driver.reactor(), PairKind::unix_socket),
        source(driver, pair.ours.descriptor()),
        content(numbered_bytes(0, bytes)) {
    source.inbox_bytes_max = std::size_t{1} << 30;
    driver.reactor().start(source);
  }
  void send() { sent += pair.theirs.send(std::span(content).subspan(sent)); }
  [[nodiscard]] bool complete() const { return reader.position() == content.size(); }

  StreamPair pair;
  TestReceiveSource source;
  std::vector<std::byte> content;
  std::size_t sent = 0;
  NumberedReader reader;
};

class StarvationTest : public ReactorTest {
 protected:
  /// Turns until the pool is spent and nobody receives any more.
  [[nodiscard]] bool starve(std::vector<std::unique_ptr<Stream>>& streams) {
    return driver().run_until([&] {
      for (auto& stream : streams) stream->send();
      return driver().stats().buffers_wanted >= streams.size();
    });
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, StarvationTest, each_backend(), backend_name);

TEST_P(StarvationTest, ReceivingPausesAndGoesOnWithNoByteLost) {
  restart({.slabs = 8, .slab_bytes = std::uint32_t{64} << 10});
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(std::make_unique<Stream>(driver(), 2'000'000));
  ASSERT_TRUE(starve(streams));

  ASSERT_TRUE(driver().run_until([&] {
    bool complete = true;
    for (auto& stream : streams) {
      stream->send();
      stream->reader.take(stream->source.inbox);
      EXPECT_TRUE(stream->reader.intact());
      complete = complete && stream->complete();
    }
    return complete || HasFailure();
  }));

  for (auto& stream : streams) EXPECT_TRUE(stream->source.in_flight());
}

TEST_P(StarvationTest, StarvedSourcesCostNothingWhileTheyWait) {
  restart({.slabs = 4, .slab_bytes = std::uint32_t{64} << 10});
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 4; ++i) streams.push_back(std::make_unique<Stream>(driver(), 2'000'000));
  ASSERT_TRUE(starve(streams));
  driver().turns(10);
  const auto calls_before = driver().stats().system_calls;
  const auto deadline = Clock::now() + std::chrono::milliseconds(20);

  driver().run_ready();
  reactor().poll(deadline);

  EXPECT_GE(Clock::now(), deadline);
  // Two, now and then one for an edge that came late, and one for each interruption; who looks for
  // memory again and again makes thousands.
  EXPECT_LE(driver().stats().system_calls - calls_before, 12U);
  EXPECT_TRUE(driver().ready().empty());
}

TEST_P(StarvationTest, EachOfManyStarvedStreamsGetsItsTurn) {
  restart({.slabs = 4, .slab_bytes = std::uint32_t{16} << 10});
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 16; ++i) streams.push_back(std::make_unique<Stream>(driver(), 200'000));

  // Memory comes back from one stream at a time, always the one that holds most.
  ASSERT_TRUE(driver().run_until([&] {
    Stream* fullest = streams.front().get();
    bool complete = true;
    for (auto& stream : streams) {
      stream->send();
      if (stream->source.inbox.size() > fullest->source.inbox.size()) fullest = stream.get();
    }
    fullest->reader.take(fullest->source.inbox);
    for (auto& stream : streams) {
      EXPECT_TRUE(stream->reader.intact());
      complete = complete && stream->complete();
    }
    return complete || HasFailure();
  }));
}

TEST_P(StarvationTest, StarvedSourceCanBeStoppedAndStartedAgain) {
  restart({.slabs = 4, .slab_bytes = std::uint32_t{16} << 10});
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(std::make_unique<Stream>(driver(), 200'000));
  ASSERT_TRUE(starve(streams));

  for (auto& stream : streams) {
    reactor().cancel(stream->source);
    ASSERT_TRUE(stream->source.finish());
    EXPECT_EQ(stream->source.end, End::stopped);
    stream->reader.take(stream->source.inbox);
  }
  for (auto& stream : streams) reactor().start(stream->source);
  ASSERT_TRUE(driver().run_until([&] {
    bool complete = true;
    for (auto& stream : streams) {
      stream->send();
      stream->reader.take(stream->source.inbox);
      complete = complete && stream->complete();
    }
    return complete;
  }));
}

TEST_P(StarvationTest, EndOfAStarvedStreamIsDeliveredAfterItsLastByte) {
  restart({.slabs = 4, .slab_bytes = std::uint32_t{16} << 10});
  std::vector<std::unique_ptr<Stream>> streams;
  streams.push_back(std::make_unique<Stream>(driver(), 150'000));
  ASSERT_TRUE(starve(streams));
  Stream& stream = *streams.front();

  ASSERT_TRUE(driver().run_until([&] {
    stream.send();
    if (stream.sent == stream.content.size()) stream.pair.theirs.close();
    stream.reader.take(stream.source.inbox);
    return stream.source.finished() && !stream.source.queued();
  }));

  EXPECT_EQ(stream.source.end, End::end_of_stream);
  EXPECT_TRUE(stream.complete());
}

/// Two sources of one slab's worth each that found a spent pool; the first has more to read than
/// its inbox takes, and so fills the slab that comes back to the last byte.
class TwoStarvedSources {
 public:
  explicit TwoStarvedSources(ReactorDriver& driver)
      : hoarded_(Buffer::adopt(*driver.pool().try_acquire(), 0, slab_bytes)),
        greedy_pair_(driver.reactor(), PairKind::unix_socket),
        modest_pair_(driver.reactor(), PairKind::unix_socket),
        greedy(driver, greedy_pair_.ours.descriptor()),
        modest(driver, modest_pair_.ours.descriptor()) {
    greedy.inbox_bytes_max = slab_bytes;
    modest.inbox_bytes_max = slab_bytes;
    driver.reactor().start(greedy);
    send_greedily();
    are_starved_ = driver.run_until([&] { return driver.stats().buffers_wanted >= 1; });
    driver.reactor().start(modest);
    modest_pair_.theirs.send("modest");
    are_starved_ =
        are_starved_ && driver.run_until([&] { return driver.stats().buffers_wanted >= 2; });
  }

  [[nodiscard]] bool are_starved() const { return are_starved_; }
  void send_greedily() {
    const std::vector<std::byte> content(2 * slab_bytes);
    greedy_pair_.theirs.send(content);
  }
  void release_slab() { hoarded_ = Buffer{}; }

  static constexpr std::uint32_t slab_bytes = std::uint32_t{16} << 10;
  /// Of which one is the reserve.
  static constexpr DriverOptions pool{.slabs = 2, .slab_bytes = slab_bytes};

 private:
  Buffer hoarded_;
  StreamPair greedy_pair_;
  StreamPair modest_pair_;
  bool are_starved_ = false;

 public:
  TestReceiveSource greedy;
  TestReceiveSource modest;
};

TEST_P(StarvationTest, SlabThatIsFilledToTheLastByteComesBackToWhoStarves) {
  restart(TwoStarvedSources::pool);
  TwoStarvedSources sources(driver());
  ASSERT_TRUE(sources.are_starved());

  sources.release_slab();
  ASSERT_TRUE(sources.greedy.finish());
  EXPECT_EQ(sources.greedy.end, End::full);
  sources.greedy.inbox.clear();
  driver().turns(10);

  EXPECT_EQ(sources.modest.inbox, "modest");
}

TEST_P(StarvationTest, SourceThatIsStartedAgainAndAgainLeavesTheOthersTheirTurn) {
  restart(TwoStarvedSources::pool);
  TwoStarvedSources sources(driver());
  ASSERT_TRUE(sources.are_starved());
  sources.greedy.on_run = [&] {
    sources.greedy.inbox.clear();
    if (sources.greedy.finished()) reactor().start(sources.greedy);
  };

  sources.release_slab();
  for (int turn = 0; turn < 100 && sources.modest.inbox.empty(); ++turn) {
    sources.send_greedily();
    driver().turn();
  }

  EXPECT_EQ(sources.modest.inbox, "modest");
}

/// Lets the pool compact what sources hold.
struct InboxHolder final : PoolHolder {
  explicit InboxHolder(Chain& held) : inbox(held) {}
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(inbox); }
  Chain& inbox;
};

TEST_P(StarvationTest, PeersThatTrickleCannotPinThePool) {
  restart({.slabs = 16, .slab_bytes = std::uint32_t{16} << 10});
  // Each trickler's bytes come between those of a stream that fills slab after slab.
  Stream stream(driver(), 4'000'000);
  std::vector<std::unique_ptr<StreamPair>> pairs;
  std::vector<std::unique_ptr<TestReceiveSource>> tricklers;
  std::vector<std::unique_ptr<InboxHolder>> holders;
  for (int i = 0; i < 200; ++i) {
    pairs.push_back(std::make_unique<StreamPair>(reactor(), PairKind::unix_socket));
    tricklers.push_back(
        std::make_unique<TestReceiveSource>(driver(), pairs.back()->ours.descriptor()));
    holders.push_back(std::make_unique<InboxHolder>(tricklers.back()->inbox));
    driver().pool().add_holder(*holders.back());
    reactor().start(*tricklers.back());
  }

  std::size_t next = 0;
  ASSERT_TRUE(driver().run_until([&] {
    stream.send();
    stream.reader.take(stream.source.inbox);
    if (next < pairs.size()) pairs[next++]->theirs.send("abc");
    return stream.complete() && next == pairs.size();
  }));
  ASSERT_TRUE(driver().run_until([&] {
    for (auto& trickler : tricklers) {
      if (trickler->inbox != "abc") return false;
    }
    return true;
  }));

  for (auto& holder : holders) driver().pool().remove_holder(*holder);
}

}  // namespace
}  // namespace weir::test
