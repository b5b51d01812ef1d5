// The end of a stream, from this side.
#include <cstddef>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

using test::too_much_to_send;
using test::wait_noting;

class StreamCloseTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(StreamCloseTest);

Task<void> read_noting(TcpStream* stream, std::optional<Result<Chain>>* result) {
  result->emplace(co_await stream->read());
}

Task<void> read_into_noting(TcpStream* stream, std::optional<Result<std::size_t>>* result) {
  std::vector<std::byte> memory(100);
  result->emplace(co_await stream->read_into(memory));
}

/// Reads until the end or an error. \returns the bytes.
Task<std::size_t> read_all(TcpStream* stream, std::error_code* error) {
  for (std::size_t total = 0;;) {
    const Result<Chain> bytes = co_await stream->read();
    if (!bytes) *error = bytes.error();
    if (!bytes || bytes->empty()) co_return total;
    total += bytes->size();
  }
}

TEST_P(StreamCloseTest, CloseEndsAReadThatWaits) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    std::optional<Result<Chain>> read;
    Scope scope;
    scope.spawn(read_noting(&stream, &read));
    co_await yield();

    detail::StreamClose closing = stream.close();
    peer.close();
    (co_await std::move(closing)).value();
    (void)co_await scope.join();

    EXPECT_EQ(read->error(), Error::closed);
  });
}

TEST_P(StreamCloseTest, CloseEndsAReadIntoThatWaits) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    std::optional<Result<std::size_t>> read;
    Scope scope;
    scope.spawn(read_into_noting(&stream, &read));
    co_await test::some_turns(5);

    detail::StreamClose closing = stream.close();
    peer.close();
    (co_await std::move(closing)).value();
    (void)co_await scope.join();

    EXPECT_EQ(read->error(), Error::closed);
  });
}

TEST_P(StreamCloseTest, TheDestructorSendsWhatWasQueued) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    pair.ours.queue(Chain(Buffer::copy_of(std::vector<std::byte>(3 << 20)))).value();

    pair.ours = TcpStream();

    std::error_code error;
    const auto received = co_await read_all(&pair.theirs, &error);
    EXPECT_EQ(received, std::size_t{3} << 20);
    EXPECT_FALSE(error) << error.message();
  });
}

TEST_P(StreamCloseTest, UnreadInputDoesNotDestroyTheAnswer) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    (void)co_await pair.theirs.write("a question that nobody reads");
    pair.ours.queue("answer").value();

    pair.ours = TcpStream();
    (void)co_await pair.theirs.write("and more of it");

    std::error_code error;
    const auto received = co_await read_all(&pair.theirs, &error);
    EXPECT_EQ(received, 6U);
    EXPECT_FALSE(error) << error.message();
  });
}

TEST_P(StreamCloseTest, AbortResets) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();

    pair.ours.abort();

    EXPECT_FALSE(pair.ours.valid());
    const auto read3 = co_await pair.theirs.read();
    EXPECT_EQ(read3.error(), from_errno(ECONNRESET));
  });
}

TEST_P(StreamCloseTest, AbortInTheTurnOfAQueueDropsTheQueue) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    std::optional<Result<Chain>> read;
    Scope scope;
    scope.spawn(read_noting(&stream, &read));
    co_await test::some_turns(5);
    stream.queue(Chain(Buffer::copy_of(std::vector<std::byte>(too_much_to_send)))).value();

    stream.abort();  // the shard does not end before the descriptor is closed
    (void)co_await scope.join();

    EXPECT_EQ(read->error(), Error::closed);
    EXPECT_TRUE(peer.receive().empty());
  });
}

TEST_P(StreamCloseTest, APeerThatNeverReadsIsResetAtTheTimeLimit) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    stream.set_close_timeout(std::chrono::milliseconds(30));
    stream.queue(Chain(Buffer::copy_of(std::vector<std::byte>(too_much_to_send)))).value();

    const Result<void> closed = co_await stream.close();

    EXPECT_EQ(closed.error(), from_errno(ETIMEDOUT));
    EXPECT_FALSE(stream.valid());
  });
}

TEST_P(StreamCloseTest, APeerThatDoesNotCloseIsLeftAtTheTimeLimit) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    stream.set_close_timeout(std::chrono::milliseconds(30));
    stream.queue("bye").value();

    (co_await stream.close()).value();

    EXPECT_EQ(peer.receive().size(), 3U);
    EXPECT_TRUE(peer.receive().empty());
    EXPECT_TRUE(peer.at_end());
  });
}

TEST_P(StreamCloseTest, AShutdownThatWaitsOutlivesTheHandle) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    (co_await pair.theirs.shutdown_write()).value();
    const auto read4 = co_await pair.ours.read();
    EXPECT_TRUE(read4.value().empty());
    pair.ours.queue(Chain(Buffer::copy_of(std::vector<std::byte>(too_much_to_send)))).value();
    std::optional<Result<void>> shut;
    Scope scope;
    scope.spawn(wait_noting(pair.ours.shutdown_write(), &shut));
    co_await yield();

    pair.ours = TcpStream();
    std::error_code error;
    const std::size_t received = co_await read_all(&pair.theirs, &error);
    (void)co_await scope.join();

    EXPECT_EQ(received, too_much_to_send);
    EXPECT_FALSE(error) << error.message();
    EXPECT_TRUE(shut.has_value());
  });
}

void expect_nothing_to_tell(const Stream& stream) {
  EXPECT_FALSE(stream.valid());
  EXPECT_EQ(stream.peer_address().error(), Error::closed);
  EXPECT_EQ(stream.local_address().error(), Error::closed);
  EXPECT_EQ(stream.queued_bytes(), 0U);
  EXPECT_EQ(stream.limits().high_water_bytes, StreamLimits{}.high_water_bytes);
  EXPECT_EQ(stream.stats().bytes_queued, 0U);
  EXPECT_EQ(stream.native_handle(), -1);
}

TEST_P(StreamCloseTest, WhatAStreamThatIsGoneIsToldToDoFails) {
  run_net([]() -> Task<void> {
    TcpStream gone;
    std::array<std::byte, 4> bytes{};

    EXPECT_EQ((co_await gone.read()).error(), Error::closed);
    EXPECT_EQ((co_await gone.read_exactly(4)).error(), Error::closed);
    EXPECT_EQ((co_await gone.read_into(bytes)).error(), Error::closed);
    EXPECT_EQ((co_await gone.write(bytes)).error(), Error::closed);
    EXPECT_EQ((co_await gone.write(Buffer())).error(), Error::closed);
    EXPECT_EQ((co_await gone.flush()).error(), Error::closed);
    EXPECT_EQ((co_await gone.drained()).error(), Error::closed);
    EXPECT_EQ((co_await gone.shutdown_write()).error(), Error::closed);
    EXPECT_EQ(gone.queue("text").error(), Error::closed);
    EXPECT_EQ(gone.queue(Chain()).error(), Error::closed);
    EXPECT_EQ(gone.set_nodelay(Switch::on).error(), Error::closed);
    EXPECT_EQ(gone.set_keepalive({}).error(), Error::closed);
    EXPECT_EQ(gone.set_send_buffer(4096).error(), Error::closed);
    gone.set_close_timeout(Duration(1));
    gone.set_limits({});
    gone.abort();
    EXPECT_TRUE(co_await gone.close());
  });
}

TEST_P(StreamCloseTest, AStreamThatIsGoneCanStillBeAsked) {
  run_net([]() -> Task<void> {
    auto [closed, first_peer] = co_await test::stream_with_peer({.high_water_bytes = 4096});
    auto [aborted, second_peer] = co_await test::stream_with_peer();
    auto [moved, third_peer] = co_await test::stream_with_peer();
    closed.queue("queued").value();

    detail::StreamClose closing = closed.close();
    first_peer.close();
    (co_await std::move(closing)).value();
    aborted.abort();
    const TcpStream taken = std::move(moved);

    expect_nothing_to_tell(closed);
    expect_nothing_to_tell(aborted);
    expect_nothing_to_tell(moved);  // NOLINT(bugprone-use-after-move): what it is about
    expect_nothing_to_tell(TcpStream());
    EXPECT_TRUE(taken.peer_address().has_value());
  });
}

}  // namespace
}  // namespace weir
