// Reading from a stream: the end, errors, and cancellation that loses nothing.
#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/build_kind.h"
#include "tests/support/net_fixture.h"
#include "tests/support/numbered_stream.h"
#include "tests/support/seed.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using test::numbered_bytes;
using test::NumberedReader;

class StreamReadTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(StreamReadTest);

TEST_P(StreamReadTest, TheEndStaysTheEndAndTheOtherDirectionGoesOn) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send("last"), 4U);
    peer.shutdown_write();

    const Result<Chain> too_many = co_await stream.read_exactly(5);
    EXPECT_EQ(too_many.error(), Error::end_of_stream);
    const Result<Chain> last = co_await stream.read();
    EXPECT_EQ(*last, "last");
    for (int round = 0; round < 3; ++round) {
      const Result<Chain> end = co_await stream.read();
      EXPECT_TRUE(end.has_value() && end->empty());
      std::byte memory[8];
      const Result<std::size_t> into = co_await stream.read_into(memory);
      EXPECT_EQ(into.value(), 0U);
    }

    const WriteResult written = co_await stream.write("still here");
    EXPECT_TRUE(written.has_value());
    EXPECT_EQ(peer.receive().size(), 10U);
  });
}

/// Address space without memory behind it until it is written.
class Expanse {
 public:
  explicit Expanse(std::size_t bytes)
      : bytes_(bytes),
        memory_(::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)) {}
  Expanse(const Expanse&) = delete;
  Expanse& operator=(const Expanse&) = delete;
  ~Expanse() {
    if (valid()) ::munmap(memory_, bytes_);
  }
  [[nodiscard]] bool valid() const noexcept { return memory_ != MAP_FAILED; }
  [[nodiscard]] std::span<std::byte> span() const noexcept {
    return {static_cast<std::byte*>(memory_), bytes_};
  }

 private:
  std::size_t bytes_;
  void* memory_;
};

TEST_P(StreamReadTest, IntoMoreThanASystemCallCanSay) {
  const Expanse expanse(std::size_t{4} << 30);
  if (!expanse.valid()) GTEST_SKIP() << "no 4 GiB of address space to be had";

  run_net([&expanse]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    auto read = [](TcpStream* from, std::span<std::byte> into) -> Task<std::size_t> {
      const Result<std::size_t> bytes = co_await from->read_into(into);
      co_return bytes ? *bytes : 0;
    };
    EXPECT_EQ(peer.send("some"), 4U);

    const std::size_t bytes = co_await read(&stream, expanse.span());

    EXPECT_EQ(bytes, 4U);
  });
}

TEST_P(StreamReadTest, ALimitSetBelowAWaitingReadExactlyCountsAfterIt) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    auto read = [](TcpStream* from) -> Task<std::size_t> {
      const Result<Chain> bytes = co_await from->read_exactly(3000);
      co_return bytes ? bytes->size() : 0;
    };
    Scope scope;
    std::size_t size = 0;
    scope.spawn([](Task<std::size_t> reading, std::size_t* into) -> Task<void> {
      *into = co_await std::move(reading);
    }(read(&stream), &size));
    EXPECT_EQ(peer.send(std::string(2000, 'x')), 2000U);
    co_await yield();

    stream.set_limits({.receive_bytes_max = 100});
    EXPECT_EQ(stream.limits().receive_bytes_max, 3000U);
    EXPECT_EQ(peer.send(std::string(1000, 'x')), 1000U);
    co_await scope.join();

    EXPECT_EQ(size, 3000U);
  });
}

TEST_P(StreamReadTest, AResetIsAnErrorAgainAndAgain) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    EXPECT_EQ(peer.send("some"), 4U);
    const Result<Chain> some = co_await stream.read_exactly(4);
    EXPECT_EQ(*some, "some");

    peer.reset();

    for (int round = 0; round < 3; ++round) {
      const Result<Chain> read = co_await stream.read();
      EXPECT_EQ(read.error(), from_errno(ECONNRESET));
    }
    EXPECT_TRUE(stream.peer_address().has_value());
  });
}

TEST_P(StreamReadTest, ASecondReaderIsRefused) {
  run_net([]() -> Task<void> {
    auto [stream, peer] = co_await test::stream_with_peer();
    auto read = [](TcpStream* from) -> Task<Result<Chain>> { co_return co_await from->read(); };
    Scope scope;
    scope.spawn(read(&stream));
    co_await yield();

    const Result<Chain> second = co_await stream.read();

    EXPECT_EQ(second.error(), Error::busy);
    scope.cancel();
    (void)co_await scope.join();
    EXPECT_EQ(peer.send("x"), 1U);
    const Result<Chain> third = co_await stream.read();
    EXPECT_EQ(*third, "x");
  });
}

enum class Way { any, exactly, into, mixed };

/// Reads of one test, each with a deadline of its own.
constexpr int numbered_reads = test::slow_build ? 10'000 : 100'000;

/// What the sender has done, and when it may stop.
struct Sending {
  std::uint64_t bytes = 0;
  bool enough = false;
};

/// Small pieces, most of them back to back, some after a pause, until there are enough.
Task<void> send_numbered(TcpStream* stream, Sending* sending, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  while (!sending->enough) {
    const std::vector<std::byte> piece = numbered_bytes(sending->bytes, 1 + random() % 64);
    const WriteResult written = co_await stream->write(piece);
    EXPECT_TRUE(written.has_value());
    if (!written) co_return;
    sending->bytes += piece.size();
    if (random() % 32 == 0) (void)co_await sleep_for(std::chrono::microseconds(random() % 20));
  }
  (void)co_await stream->shutdown_write();
}

/// How the reads with deadlines ended.
struct Counts {
  int completed = 0;
  int cancelled = 0;
};

/// One read of a random kind that belongs to `way`. \returns why it failed, if it did.
Task<std::error_code> read_with_deadline(TcpStream* stream, Way way, NumberedReader* numbers,
                                         std::mt19937_64* random) {
  const auto timeout = std::chrono::microseconds((*random)() % 8);
  const Way now = way == Way::mixed ? static_cast<Way>((*random)() % 3) : way;
  if (now == Way::into) {
    std::byte memory[48];
    const Result<std::size_t> got = co_await with_timeout(timeout, stream->read_into(memory));
    if (!got) co_return got.error();
    numbers->take({memory, *got});
    co_return std::error_code();
  }
  auto read = now == Way::any ? stream->read() : stream->read_exactly(1 + (*random)() % 100);
  Result<Chain> got = co_await with_timeout(timeout, std::move(read));
  if (!got) co_return got.error();
  numbers->take(*got);
  co_return std::error_code();
}

Task<Counts> read_with_deadlines(TcpStream* stream, Way way, NumberedReader* numbers,
                                 std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Counts counts;
  while (counts.completed + counts.cancelled < numbered_reads && numbers->intact()) {
    const std::error_code error = co_await read_with_deadline(stream, way, numbers, &random);
    if (!error) {
      ++counts.completed;
    } else {
      EXPECT_EQ(error, Error::deadline_exceeded) << error.message();
      if (error != Error::deadline_exceeded) break;
      ++counts.cancelled;
    }
  }
  co_return counts;
}

Task<void> lossless(Way way) {
  const test::Seed seed;
  auto pair = co_await test::tcp_pair();
  NumberedReader numbers;
  Sending sending;
  Scope scope;
  scope.spawn(send_numbered(&pair.theirs, &sending, seed.value()));

  const Counts counts = co_await read_with_deadlines(&pair.ours, way, &numbers, seed.value());
  sending.enough = true;
  for (;;) {
    Result<Chain> rest = co_await pair.ours.read();
    EXPECT_TRUE(rest.has_value());
    if (!rest || rest->empty()) break;
    numbers.take(*rest);
  }
  (void)co_await scope.join();

  EXPECT_TRUE(numbers.intact()) << "at " << numbers.position() << ", " << seed.text();
  EXPECT_EQ(numbers.position(), sending.bytes) << seed.text();
  // Both kinds, or the test would show nothing.
  EXPECT_GT(counts.completed, numbered_reads / 20);
  EXPECT_GT(counts.cancelled, numbered_reads / 20);
}

TEST_P(StreamReadTest, ReadsWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::any); });
}
TEST_P(StreamReadTest, ExactReadsWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::exactly); });
}
TEST_P(StreamReadTest, ReadsIntoMemoryWithDeadlinesLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::into); });
}
TEST_P(StreamReadTest, AllWaysOfReadingInTurnLoseNothing) {
  run_net([]() -> Task<void> { return lossless(Way::mixed); });
}

}  // namespace
}  // namespace weir
