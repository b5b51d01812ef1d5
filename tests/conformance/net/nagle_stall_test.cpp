// What Nagle's algorithm costs is noticed, on real connections over loopback: the kernel delays
// its acknowledgements there as everywhere. How long the waits are is the kernel's business; the
// peer's own time is a timer, which lateness only makes longer.
#include <chrono>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::SizeIs;

/// Longer than what is suspect, shorter than what no longer is.
constexpr Duration suspect_delay = milliseconds(60);

/// The kernel acknowledges the first exchanges of a connection at once, some dozens at the most.
constexpr int exchanges_until_stall_max = 500;

/// What a run had to say, from any of its threads.
class Log {
 public:
  [[nodiscard]] LogSink sink() {
    return {.write =
                [](void* log, Severity severity, std::string_view line) noexcept {
                  static_cast<Log*>(log)->add(severity, line);
                },
            .context = this};
  }
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }
  [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

 private:
  void add(Severity severity, std::string_view line) {
    const std::scoped_lock lock(mutex_);
    (severity == Severity::note ? notes_ : warnings_).emplace_back(line);
  }

  std::mutex mutex_;
  std::vector<std::string> notes_;
  std::vector<std::string> warnings_;
};

class NagleStallTest : public test::NetTest {
 protected:
  [[nodiscard]] RuntimeOptions logging() {
    RuntimeOptions chosen = options();
    chosen.log = log.sink();
    return chosen;
  }

  Log log;
};
WEIR_ON_EACH_BACKEND(NagleStallTest);

std::uint64_t stalls() { return Shard::current().stats().nagle_stalls; }

/// Answers requests of eight bytes until the end, each after its service time.
Task<void> answer(TcpStream* stream, Duration service_time) {
  for (;;) {
    const Result<Chain> request = co_await stream->read_exactly(8);
    if (!request) co_return;
    if (service_time > Duration::zero()) {
      const Result<void> slept = co_await sleep_for(service_time);
      if (!slept) co_return;
    }
    const WriteResult written = co_await stream->write("answered");
    if (!written) co_return;
  }
}

Task<void> read_answer(TcpStream* stream) {
  const Result<Chain> read = co_await stream->read();
  EXPECT_TRUE(read.has_value() && read->size() == 8);
}

/// Each write is a call of the kernel: the second begins when the first is done.
Task<void> request_in_two_writes(TcpStream* stream) {
  const WriteResult head = co_await stream->write("head");
  EXPECT_TRUE(head.has_value());
  const WriteResult body = co_await stream->write("body");
  EXPECT_TRUE(body.has_value());
}

Task<void> exchange_in_two_writes(TcpStream* stream) {
  co_await request_in_two_writes(stream);
  co_await read_answer(stream);
}

Task<void> exchange_in_one_write(TcpStream* stream) {
  const WriteResult request = co_await stream->write("headbody");
  EXPECT_TRUE(request.has_value());
  co_await read_answer(stream);
}

Task<void> exchange_in_one_turn(TcpStream* stream) {
  EXPECT_TRUE(stream->queue("head").has_value());
  EXPECT_TRUE(stream->queue("body").has_value());
  co_await read_answer(stream);
}

Task<void> exchange_by_read_into(TcpStream* stream) {
  co_await request_in_two_writes(stream);
  std::vector<std::byte> memory(8);
  const Result<std::size_t> read = co_await stream->read_into(memory);
  EXPECT_EQ(read.value_or(0), 8U);
}

using Exchange = Task<void> (*)(TcpStream*);

/// Two streams; one answers what the other asks.
class Conversation {
 public:
  Conversation(test::TcpPair pair, Duration service_time) : pair_(std::move(pair)) {
    scope_.spawn(answer(&pair_.theirs, service_time));
  }
  [[nodiscard]] TcpStream& asking() { return pair_.ours; }
  [[nodiscard]] TcpStream& answering() { return pair_.theirs; }

  Task<void> repeat(Exchange exchange, int count) {
    for (int done = 0; done < count; ++done) co_await exchange(&pair_.ours);
  }
  Task<void> repeat_until_stalls(Exchange exchange, std::uint64_t expected) {
    for (int done = 0; done < exchanges_until_stall_max && stalls() < expected; ++done) {
      co_await exchange(&pair_.ours);
    }
  }
  Task<void> end() {
    scope_.cancel();
    const Result<void> ended = co_await scope_.join();
    (void)ended;
  }

 private:
  test::TcpPair pair_;
  Scope scope_;
};

/// Nagle's algorithm on for who asks.
Task<test::TcpPair> pair_without_nodelay() {
  test::TcpPair pair = co_await test::tcp_pair();
  EXPECT_TRUE(pair.ours.set_nodelay(Switch::off).has_value());
  co_return pair;
}

TEST_P(NagleStallTest, TwoWritesThatWaitForTheAcknowledgementCountOnceAConnection) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair first_pair = co_await pair_without_nodelay();
    Conversation first(std::move(first_pair), Duration::zero());
    co_await first.repeat_until_stalls(exchange_in_two_writes, 1);
    EXPECT_EQ(stalls(), 1U);

    co_await first.repeat(exchange_in_two_writes, 4);
    EXPECT_EQ(stalls(), 1U);
    test::TcpPair second_pair = co_await pair_without_nodelay();
    Conversation second(std::move(second_pair), Duration::zero());
    co_await second.repeat_until_stalls(exchange_in_two_writes, 2);

    EXPECT_EQ(stalls(), 2U);
    co_await first.end();
    co_await second.end();
  });

  ASSERT_THAT(log.warnings(), SizeIs(1));
  EXPECT_THAT(log.warnings().front(), HasSubstr("127.0.0.1:"));
  EXPECT_THAT(log.warnings().front(), HasSubstr("set_nodelay"));
  EXPECT_THAT(log.warnings().front(), HasSubstr("docs/nagle.md"));
}

TEST_P(NagleStallTest, CountsForReadsIntoMemoryToo) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair pair = co_await pair_without_nodelay();
    Conversation conversation(std::move(pair), Duration::zero());

    co_await conversation.repeat_until_stalls(exchange_by_read_into, 1);

    EXPECT_EQ(stalls(), 1U);
    co_await conversation.end();
  });

  EXPECT_THAT(log.warnings(), SizeIs(1));
}

TEST_P(NagleStallTest, CountsWithoutALog) {
  run_net([]() -> Task<void> {
    test::TcpPair pair = co_await pair_without_nodelay();
    Conversation conversation(std::move(pair), Duration::zero());

    co_await conversation.repeat_until_stalls(exchange_in_two_writes, 1);

    EXPECT_EQ(stalls(), 1U);
    co_await conversation.end();
  });
}

TEST_P(NagleStallTest, NothingIsCountedWithNodelay) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair never_off_pair = co_await test::tcp_pair();
    Conversation never_off(std::move(never_off_pair), suspect_delay);
    co_await never_off.repeat(exchange_in_two_writes, 3);
    test::TcpPair on_again_pair = co_await pair_without_nodelay();
    Conversation on_again(std::move(on_again_pair), suspect_delay);
    EXPECT_TRUE(on_again.asking().set_nodelay(Switch::on).has_value());
    co_await on_again.repeat(exchange_in_two_writes, 3);

    EXPECT_EQ(stalls(), 0U);
    co_await never_off.end();
    co_await on_again.end();
  });

  EXPECT_THAT(log.warnings(), SizeIs(0));
}

TEST_P(NagleStallTest, NothingIsCountedWhenTheRequestLeavesInOnePiece) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair pair = co_await pair_without_nodelay();
    Conversation conversation(std::move(pair), suspect_delay);

    co_await conversation.repeat(exchange_in_one_write, 3);
    co_await conversation.repeat(exchange_in_one_turn, 3);

    EXPECT_EQ(stalls(), 0U);
    co_await conversation.end();
  });

  EXPECT_THAT(log.warnings(), SizeIs(0));
}

TEST_P(NagleStallTest, APeerThatAcknowledgesAtOnceAndIsSlowIsNotCounted) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair pair = co_await pair_without_nodelay();
    Conversation conversation(std::move(pair), suspect_delay);
    EXPECT_TRUE(conversation.answering().set_quickack(Switch::on).has_value());

    co_await conversation.repeat(exchange_in_two_writes, 1);

    EXPECT_EQ(stalls(), 0U);
    co_await conversation.end();
  });

  EXPECT_THAT(log.warnings(), SizeIs(0));
}

TEST_P(NagleStallTest, WhatACorkHoldsBackIsNotNaglesDoing) {
  run_net(logging(), []() -> Task<void> {
    test::TcpPair pair = co_await pair_without_nodelay();
    Conversation conversation(std::move(pair), Duration::zero());
    EXPECT_TRUE(conversation.asking().set_cork(Switch::on).has_value());

    co_await conversation.repeat(exchange_in_two_writes, 2);

    EXPECT_EQ(stalls(), 0U);
    co_await conversation.end();
  });

  EXPECT_THAT(log.warnings(), SizeIs(0));
}

TEST_P(NagleStallTest, ARunBeginsWithALineAboutItsBackend) {
  run_net(logging(), []() -> Task<void> { co_return; });

  ASSERT_THAT(log.notes(), SizeIs(1));
  EXPECT_THAT(log.notes().front(), HasSubstr(to_string(GetParam())));
}

}  // namespace
}  // namespace weir
