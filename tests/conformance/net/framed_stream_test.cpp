// Frames over streams: TCP, Unix and in memory, on each backend.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>

#include "tests/support/framed_net.h"
#include "tests/support/memory_stream.h"
#include "weir/core/when_all.h"
#include "weir/net/unix_stream.h"
#include "weir/protocols/json_header.h"

namespace weir::test {
namespace {

using protocols::LengthPrefix;
using ::testing::ElementsAre;

class FramedStreamTest : public NetTest {};
WEIR_ON_EACH_BACKEND(FramedStreamTest);

TEST_P(FramedStreamTest, ReadsWhatWasWrittenOverTcp) {
  run_net([]() -> Task<void> {
    TcpPair pair = co_await tcp_pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());

    for (const std::string_view text : {"first", "", "third"}) {
      Chain frame = chain_of(text);
      EXPECT_TRUE(co_await ours.write(std::move(frame)));
    }
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("first", "", "third"));
    const Result<std::optional<Chain>> again = co_await theirs.read();
    EXPECT_TRUE(again && !*again);
  });
}

TEST_P(FramedStreamTest, ReadsWhatWasWrittenOverUnixSockets) {
  run_net([]() -> Task<void> {
    auto pair = UnixStream::pair().value();
    FramedStream ours(std::move(pair.first), line());
    FramedStream theirs(std::move(pair.second), line());

    Chain frame = chain_of("a line");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    EXPECT_TRUE(co_await ours.flush());
    EXPECT_TRUE(co_await ours.stream().shutdown_write());

    EXPECT_THAT(co_await read_all_batches(&theirs), ElementsAre("a line"));
  });
}

TEST_P(FramedStreamTest, ReadsWhatWasWrittenInMemory) {
  run_net([]() -> Task<void> {
    auto pair = MemoryStream::pair();
    FramedStream ours(std::move(pair.ours), length_prefix());
    FramedStream theirs(std::move(pair.theirs), length_prefix());

    Chain frame = chain_of("nobody saw it");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    ours.stream().shutdown_write();

    EXPECT_THAT(co_await read_all(&theirs), ElementsAre("nobody saw it"));
  });
}

Task<void> end_of(MemoryStream* stream) {
  stream->shutdown_write();
  co_return;
}
Task<void> end_of(UnixStream* stream) { EXPECT_TRUE(co_await stream->shutdown_write()); }

std::string three_frames() { return framed("sticky") + framed("") + framed("packets"); }

template <typename S>
Task<void> find_frames_cut_at(std::size_t cut, bool in_batches, S ours, S peers) {
  const std::string wire = three_frames();
  FramedStream theirs(std::move(peers), length_prefix());
  auto send = [&]() -> Task<void> {
    EXPECT_TRUE(ours.queue(chain_of(wire.substr(0, cut))));
    co_await some_turns(3);
    EXPECT_TRUE(ours.queue(chain_of(wire.substr(cut))));
    co_await end_of(&ours);
  };
  auto receive = [&]() -> Task<void> {
    // No conditional operator: GCC 12 destroys what a co_await in one yields twice.
    std::vector<std::string> frames;
    if (in_batches) {
      frames = co_await read_all_batches(&theirs);
    } else {
      frames = co_await read_all(&theirs);
    }
    EXPECT_THAT(frames, ElementsAre("sticky", "", "packets")) << "cut at " << cut;
  };

  co_await when_all(send(), receive());
}

TEST_P(FramedStreamTest, FindsTheSameFramesHoweverTheBytesAreCut) {
  run_net([]() -> Task<void> {
    for (std::size_t cut = 0; cut <= three_frames().size(); ++cut) {
      for (const bool in_batches : {false, true}) {
        auto pair = UnixStream::pair().value();
        co_await find_frames_cut_at(cut, in_batches, std::move(pair.first), std::move(pair.second));
      }
    }
  });
}

TEST_P(FramedStreamTest, FindsTheSameFramesInMemory) {
  run_net([]() -> Task<void> {
    for (std::size_t cut = 0; cut <= three_frames().size(); ++cut) {
      for (const bool in_batches : {false, true}) {
        auto pair = MemoryStream::pair();
        co_await find_frames_cut_at(cut, in_batches, std::move(pair.ours), std::move(pair.theirs));
      }
    }
  });
}

template <typename S>
Task<void> read_many_frames(bool in_batches, S sender, S receiver) {
  constexpr std::size_t count = 2000;
  std::string wire;
  for (std::size_t i = 0; i < count; ++i) wire += "x\n";
  FramedStream ours(std::move(receiver), line());
  EXPECT_TRUE(sender.queue(chain_of(wire)));
  co_await end_of(&sender);
  std::vector<std::string> frames;
  std::size_t turns = 0;
  auto read = [&]() -> Task<void> {
    if (in_batches) {
      frames = co_await read_all_batches(&ours);
    } else {
      frames = co_await read_all(&ours);
    }
  };
  auto others = [&]() -> Task<void> {
    while (frames.empty()) {
      co_await yield();
      ++turns;
    }
  };

  co_await when_all(read(), others());

  EXPECT_EQ(frames.size(), count);
  EXPECT_GE(turns, count / 256);
}

TEST_P(FramedStreamTest, OthersHaveTheirTurnsBetweenManyFrames) {
  run_net([]() -> Task<void> {
    for (const bool in_batches : {false, true}) {
      auto pair = MemoryStream::pair();
      co_await read_many_frames(in_batches, std::move(pair.theirs), std::move(pair.ours));
      auto sockets = UnixStream::pair().value();
      co_await read_many_frames(in_batches, std::move(sockets.first), std::move(sockets.second));
    }
  });
}

TEST_P(FramedStreamTest, AFrameMayBeLargerThanTheInbox) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer({.receive_bytes_max = 4096});
    FramedStream ours(std::move(connection.stream), line_up_to(200'000));
    const std::string text(150'000, 'l');
    auto send = [&]() -> Task<void> {
      const std::string wire = text + "\nshort\n";
      for (std::size_t sent = 0; sent < wire.size(); co_await yield()) {
        sent += connection.peer.send(std::string_view(wire).substr(sent));
      }
      connection.peer.shutdown_write();
    };
    auto receive = [&]() -> Task<void> {
      EXPECT_THAT(co_await read_all_batches(&ours), ElementsAre(text, "short"));
    };

    co_await when_all(send(), receive());
  });
}

TEST_P(FramedStreamTest, ANamedReadMayBeAwaitedAgain) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    auto read = ours.read();
    auto wait = [&]() -> Task<Result<std::optional<Chain>>> { co_return co_await read; };

    const auto none = co_await with_timeout(std::chrono::milliseconds(1), wait());
    connection.peer.send("one\ntwo\n");
    const Result<std::optional<Chain>> one = co_await read;
    const Result<std::optional<Chain>> two = co_await read;

    EXPECT_EQ(none.error(), Error::deadline_exceeded);
    EXPECT_EQ(**one, "one");
    EXPECT_EQ(**two, "two");
  });
}

TEST_P(FramedStreamTest, EndingTheStreamEndsAReadThatWaitsInsideAFrame) {
  run_net([]() -> Task<void> {
    for (const bool is_reset : {false, true}) {
      StreamWithPeer connection = co_await stream_with_peer();
      FramedStream ours(std::move(connection.stream), line());
      std::error_code error;
      auto read = [&]() -> Task<void> {
        const Result<std::optional<Chain>> frame = co_await ours.read();
        error = frame.error();
      };
      auto end = [&]() -> Task<void> {
        connection.peer.send("half a li");
        while (ours.unread_bytes() == 0) co_await yield();
        if (is_reset) {
          connection.peer.reset();
        } else {
          ours.stream().abort();
        }
      };

      co_await when_all(read(), end());

      if (is_reset) {
        EXPECT_EQ(error, std::errc::connection_reset);
      } else {
        EXPECT_EQ(error, Error::closed);
      }
    }
  });
}

TEST_P(FramedStreamTest, AReadThatTimesOutLosesNothing) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    const std::string wire = framed("in two halves");
    connection.peer.send(wire.substr(0, 6));

    auto reading = [&]() -> Task<Result<std::optional<Chain>>> { co_return co_await ours.read(); };
    const Result<std::optional<Chain>> early =
        co_await with_timeout(std::chrono::milliseconds(5), reading());
    connection.peer.send(wire.substr(6));
    const Result<std::optional<Chain>> late = co_await ours.read();

    EXPECT_EQ(early.error(), std::errc::timed_out);
    EXPECT_EQ(**late, "in two halves");
  });
}

TEST_P(FramedStreamTest, TellsASlowPeerFromAnIdleOne) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), length_prefix());
    const std::string wire = framed("late");
    auto reading = [&]() -> Task<Result<std::optional<Chain>>> {
      co_return co_await with_timeout(std::chrono::milliseconds(5), ours.read());
    };

    Result<std::optional<Chain>> frame = co_await reading();
    EXPECT_EQ(frame.error(), std::errc::timed_out);
    EXPECT_EQ(ours.unread_bytes(), 0U) << "idle";

    connection.peer.send(wire.substr(0, 3));
    while (ours.unread_bytes() == 0) frame = co_await reading();
    EXPECT_EQ(frame.error(), std::errc::timed_out);
    EXPECT_EQ(ours.unread_bytes(), 3U) << "slow";

    connection.peer.send(wire.substr(3));
    frame = co_await ours.read();
    EXPECT_EQ(**frame, "late");
    EXPECT_EQ(ours.unread_bytes(), 0U) << "idle again";
  });
}

TEST_P(FramedStreamTest, ASecondReaderIsRefused) {
  run_net([]() -> Task<void> {
    StreamWithPeer connection = co_await stream_with_peer();
    FramedStream ours(std::move(connection.stream), line());
    std::error_code second_error;
    auto first = [&]() -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await ours.read();
      EXPECT_EQ(**frame, "for the first");
    };
    auto second = [&]() -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await ours.read();
      second_error = frame.error();
      connection.peer.send("for the first\n");
    };

    co_await when_all(first(), second());

    EXPECT_EQ(second_error, Error::busy);
  });
}

TEST_P(FramedStreamTest, CarriesFramesThatAreNoChains) {
  run_net([]() -> Task<void> {
    auto pair = UnixStream::pair().value();
    const protocols::JsonHeader codec({.header_bytes_max = 1000, .payload_bytes_max = 1000});
    FramedStream ours(std::move(pair.first), codec);
    FramedStream theirs(std::move(pair.second), codec);

    protocols::JsonFrame frame;
    frame.payload = chain_of("the data");
    EXPECT_TRUE(co_await ours.write(std::move(frame)));
    const auto received = co_await theirs.read();

    EXPECT_EQ((*received)->payload, "the data");
  });
}

TEST_P(FramedStreamTest, APartialFrameIsMovedTogetherWhenMemoryIsShort) {
  RuntimeOptions small = options();
  small.buffer_budget_bytes = std::size_t{16} * (64 << 10);
  run_net(small, []() -> Task<void> {
    // Each of these would hold a slab of its own in the end, which are not that many.
    constexpr std::size_t connections = 100;
    std::vector<StreamWithPeer> pairs;
    std::vector<FramedStream<LengthPrefix, TcpStream>> streams;
    for (std::size_t i = 0; i < connections; ++i) {
      StreamWithPeer connection = co_await stream_with_peer();
      streams.emplace_back(std::move(connection.stream), length_prefix());
      pairs.push_back(std::move(connection));
    }
    const std::string text(40'000, 'p');
    const std::string wire = framed(text);
    std::size_t whole = 0;
    Scope scope;
    auto read_one = [&](std::size_t i) -> Task<void> {
      const Result<std::optional<Chain>> frame = co_await streams[i].read();
      whole += frame && *frame && **frame == text ? 1 : 0;
    };
    for (std::size_t i = 0; i < connections; ++i) scope.spawn(read_one(i));
    for (StreamWithPeer& pair : pairs) {
      EXPECT_EQ(pair.peer.send(std::string_view(wire).substr(0, 10)), 10U);
      co_await some_turns(2);
    }
    for (StreamWithPeer& pair : pairs) {
      EXPECT_EQ(pair.peer.send(std::string_view(wire).substr(10)), wire.size() - 10);
      co_await some_turns(2);
    }

    co_await scope.join();

    EXPECT_EQ(whole, connections);
  });
}

}  // namespace
}  // namespace weir::test
