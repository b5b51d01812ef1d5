// Every operation of streams and listeners, cancelled before it begins, at any turn while it is
// under way, and when it has completed: it ends once, and nothing is lost or left behind.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "weir/net/framed_stream.h"
#include "weir/protocols/fixed_length.h"

namespace weir {
namespace {

using protocols::FixedLength;
using protocols::FrameView;
using test::numbered_bytes;
using test::NumberedReader;

class CancellationTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(CancellationTest);

/// Turns after which an operation is cancelled: from before its first to long after its last.
constexpr int turns_max = 6;
constexpr int repetitions = 20;

/// Awaits and notes the result.
template <typename R, typename A>
Task<void> note(A awaitable, std::optional<R>* result) {
  result->emplace(co_await std::move(awaitable));
}

/// What becomes of an operation whose task was cancelled before it ran.
template <typename R, typename A>
Task<std::error_code> cancelled_before(A awaitable) {
  std::optional<R> result;
  Scope scope;
  scope.cancel();
  scope.spawn(note<R>(std::move(awaitable), &result));
  (void)co_await scope.join();
  co_return result->error();
}

TEST_P(CancellationTest, BeforeItBeginsAReadTakesNothing) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    const WriteResult written = co_await pair.theirs.write("hello");
    EXPECT_TRUE(written.has_value());
    std::array<std::byte, 5> memory{};

    const auto read = co_await cancelled_before<Result<Chain>>(pair.ours.read());
    const auto exactly = co_await cancelled_before<Result<Chain>>(pair.ours.read_exactly(5));
    const auto into = co_await cancelled_before<Result<std::size_t>>(pair.ours.read_into(memory));

    EXPECT_EQ(read, Error::cancelled);
    EXPECT_EQ(exactly, Error::cancelled);
    EXPECT_EQ(into, Error::cancelled);
    const Result<Chain> hello = co_await pair.ours.read_exactly(5);
    EXPECT_TRUE(hello.has_value() && *hello == "hello");
  });
}

TEST_P(CancellationTest, BeforeItBeginsAWriteSendsNothing) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    const std::vector<std::byte> lost(1000);
    const std::span<const std::byte> span(lost);
    Chain chain(Buffer::copy_of(lost));
    EXPECT_TRUE(pair.ours.queue("first ").has_value());

    const auto by_span = co_await cancelled_before<WriteResult>(pair.ours.write(span));
    const auto by_chain = co_await cancelled_before<WriteResult>(pair.ours.write(std::move(chain)));
    const auto flush = co_await cancelled_before<Result<void>>(pair.ours.flush());
    const auto drained = co_await cancelled_before<Result<void>>(pair.ours.drained());
    const auto shut = co_await cancelled_before<Result<void>>(pair.ours.shutdown_write());

    EXPECT_EQ(by_span, Error::cancelled);
    EXPECT_EQ(by_chain, Error::cancelled);
    EXPECT_EQ(flush, Error::cancelled);
    EXPECT_EQ(drained, Error::cancelled);
    EXPECT_EQ(shut, Error::cancelled);
    const WriteResult written = co_await pair.ours.write("second");
    EXPECT_TRUE(written.has_value());
    const Result<Chain> all = co_await pair.theirs.read_exactly(12);
    EXPECT_TRUE(all.has_value() && *all == "first second");
    EXPECT_EQ(pair.ours.stats().bytes_sent, 12U);
  });
}

TEST_P(CancellationTest, BeforeTheyBeginAcceptAndConnectLeaveNothingBehind) {
  run_net([]() -> Task<void> {
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    const std::size_t before = test::open_descriptor_count();

    const auto connected =
        co_await cancelled_before<Result<TcpStream>>(connect(listener.address()));
    const auto accepted = co_await cancelled_before<Result<TcpStream>>(listener.accept());

    EXPECT_EQ(connected, Error::cancelled);
    EXPECT_EQ(accepted, Error::cancelled);
    co_await test::some_turns(20);
    // The listener's accepting side has opened its reserve descriptor.
    EXPECT_LE(test::open_descriptor_count(), before + 1);
    TcpStream client = (co_await connect(listener.address())).value();
    TcpStream server = (co_await listener.accept()).value();
    EXPECT_EQ(server.peer_address().value(), client.local_address().value());
  });
}

enum class CancelledRead { read, read_exactly, read_into };

Task<void> read_some(TcpStream* stream, CancelledRead way, NumberedReader* numbers) {
  if (way == CancelledRead::read_into) {
    std::array<std::byte, 64> memory{};
    const Result<std::size_t> got = co_await stream->read_into(memory);
    if (got) numbers->take({memory.data(), *got});
    co_return;
  }
  auto reading = way == CancelledRead::read_exactly ? stream->read_exactly(10) : stream->read();
  Result<Chain> bytes = co_await reading;
  if (bytes) numbers->take(*bytes);
}

TEST_P(CancellationTest, AtAnyTurnAReadLosesNothing) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    NumberedReader numbers;
    std::uint64_t sent = 0;
    for (int round = 0; round < repetitions * turns_max * 3; ++round) {
      const CancelledRead way = static_cast<CancelledRead>(round % 3);
      Scope scope;
      scope.spawn(read_some(&stream, way, &numbers));
      if (round % 2 == 0) co_await test::some_turns(round % turns_max);
      sent += peer.send(numbered_bytes(sent, 10));
      co_await test::some_turns(round / 3 % turns_max);
      scope.cancel();
      (void)co_await scope.join();
    }
    while (numbers.position() < sent && numbers.intact()) {
      Result<Chain> rest = co_await stream.read();
      numbers.take(*rest);
    }
    EXPECT_TRUE(numbers.intact());
    EXPECT_EQ(numbers.position(), sent);
    EXPECT_EQ(sent, std::uint64_t{repetitions} * turns_max * 3 * 10);
  });
}

TEST_P(CancellationTest, AtAnyTurnAReadOfAFrameLosesNothing) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    FramedStream framed(std::move(stream), FixedLength::create(10).value());
    NumberedReader numbers;
    auto read = [&framed, &numbers](bool in_batches) -> Task<void> {
      if (in_batches) {
        auto batch = co_await framed.read_batch();
        if (!batch) co_return;
        for (const FrameView frame : *batch) {
          for (const auto piece : frame) numbers.take(piece);
        }
      } else {
        Result<std::optional<Chain>> frame = co_await framed.read();
        if (frame && *frame) numbers.take(**frame);
      }
    };
    std::uint64_t sent = 0;
    for (int round = 0; round < repetitions * turns_max * 2; ++round) {
      Scope scope;
      scope.spawn(read(round % 2 == 0));
      if (round % 4 < 2) co_await test::some_turns(round % turns_max);
      sent += peer.send(numbered_bytes(sent, 5));  // half a frame
      co_await test::some_turns(round / 2 % turns_max);
      scope.cancel();
      (void)co_await scope.join();
    }
    while (numbers.position() < sent && numbers.intact()) co_await read(false);
    EXPECT_TRUE(numbers.intact());
    EXPECT_EQ(numbers.position(), sent);
    EXPECT_EQ(sent, std::uint64_t{repetitions} * turns_max * 2 * 5);
  });
}

TEST_P(CancellationTest, AtAnyTurnAWriteSaysHowFarItGot) {
  run_net([]() -> Task<void> {
    auto pair = co_await test::tcp_pair();
    // The kernel takes the small writes whole, and some of the large ones.
    (void)pair.ours.set_send_buffer(32 * 1024);
    (void)pair.theirs.set_receive_buffer(32 * 1024);
    NumberedReader numbers;
    std::uint64_t taken = 0;
    int whole = 0;
    int partial = 0;
    for (int round = 0; round < repetitions * turns_max; ++round) {
      const std::size_t size = round % 4 == 0 ? 1000 : std::size_t{512} << 10;
      const std::vector<std::byte> bytes = numbered_bytes(taken, size);
      const std::span<const std::byte> span(bytes);
      std::optional<WriteResult> result;
      Scope scope;
      scope.spawn(note<WriteResult>(pair.ours.write(span), &result));
      co_await test::some_turns(round % turns_max);
      scope.cancel();
      (void)co_await scope.join();
      taken += result->bytes_taken();
      EXPECT_TRUE(result->has_value() || result->error() == Error::cancelled);
      EXPECT_EQ(result->has_value(), result->bytes_taken() == bytes.size());
      whole += result->has_value() ? 1 : 0;
      partial += !result->has_value() && result->bytes_taken() > 0 ? 1 : 0;
      while (numbers.position() < taken && numbers.intact()) {
        Result<Chain> arrived = co_await pair.theirs.read();
        numbers.take(*arrived);
      }
    }
    EXPECT_TRUE(numbers.intact());
    EXPECT_EQ(numbers.position(), taken);
    EXPECT_EQ(pair.ours.stats().bytes_sent, taken);
    EXPECT_GT(whole, 0);
    EXPECT_GT(partial, 0);
  });
}

TEST_P(CancellationTest, AtAnyTurnAnAcceptLeavesTheConnectionToTheNextOne) {
  run_net([]() -> Task<void> {
    TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
    for (int round = 0; round < repetitions * turns_max; ++round) {
      std::optional<Result<TcpStream>> accepted;
      Scope scope;
      scope.spawn(note<Result<TcpStream>>(listener.accept(), &accepted));
      if (round % 2 == 0) co_await test::some_turns(3);
      const test::PeerSocket peer = test::begin_connect(listener.address());
      co_await test::some_turns(round % turns_max);
      scope.cancel();
      (void)co_await scope.join();
      if (!*accepted) {
        EXPECT_EQ(accepted->error(), Error::cancelled);
        Result<TcpStream> next = co_await listener.accept();
        accepted.emplace(std::move(next));
      }
      EXPECT_TRUE(accepted->has_value());
      (*accepted)->abort();
    }
  });
}

TEST_P(CancellationTest, AtAnyTurnAConnectSucceedsOrLeavesNoDescriptor) {
  run_net([]() -> Task<void> {
    const test::PeerListener listener;
    const std::size_t before = test::open_descriptor_count();
    for (int round = 0; round < repetitions * turns_max; ++round) {
      std::optional<Result<TcpStream>> connected;
      Scope scope;
      scope.spawn(note<Result<TcpStream>>(connect(listener.address()), &connected));
      co_await test::some_turns(round % turns_max);
      scope.cancel();
      (void)co_await scope.join();
      if (*connected) {
        (*connected)->abort();
      } else {
        EXPECT_EQ(connected->error(), Error::cancelled);
      }
    }
    co_await test::until([before] { return test::open_descriptor_count() <= before; });
  });
}

}  // namespace
}  // namespace weir
