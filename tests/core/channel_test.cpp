#include "weir/core/channel.h"

#include <memory>
#include <numeric>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/backend_test.h"
#include "tests/support/life_count.h"
#include "tests/support/seed.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/sleep.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::Optional;

class ChannelTest : public test::BackendTest {};
WEIR_ON_EACH_BACKEND(ChannelTest);

constexpr int end_mark = -1;
constexpr int cancelled_mark = -2;

Task<void> send_all(Channel<int>* channel, std::vector<int> values, std::vector<int>* sent) {
  for (const int value : values) {
    const Result<void> delivered = co_await channel->send(value);
    if (!delivered) {
      sent->push_back(delivered.error() == Error::channel_closed ? end_mark : cancelled_mark);
      co_return;
    }
    sent->push_back(value);
  }
}

Task<void> receive_all(Channel<int>* channel, std::vector<int>* received) {
  for (;;) {
    const Result<std::optional<int>> value = co_await channel->receive();
    if (!value || !*value) {
      received->push_back(value ? end_mark : cancelled_mark);
      co_return;
    }
    received->push_back(**value);
  }
}

TEST_P(ChannelTest, DeliversInOrderAndThenItsEnd) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> sent;
    std::vector<int> received;
    Channel<int> channel(2);
    Scope scope;
    scope.spawn(receive_all(&channel, &received));

    const std::vector<int> values = {1, 2, 3, 4, 5};
    co_await send_all(&channel, values, &sent);
    channel.close();
    co_await scope.join();

    EXPECT_THAT(sent, ElementsAre(1, 2, 3, 4, 5));
    co_return received;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, 3, 4, 5, end_mark));
}

TEST_P(ChannelTest, SendingWaitsWhileItIsFull) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> sent;
    Channel<int> channel(2);
    Scope scope;
    scope.spawn(send_all(&channel, {1, 2, 3, 4}, &sent));
    co_await yield();
    EXPECT_THAT(sent, ElementsAre(1, 2));
    EXPECT_EQ(channel.size(), 2U);
    EXPECT_EQ(channel.capacity(), 2U);

    EXPECT_THAT(channel.try_receive(), Optional(1));
    EXPECT_EQ(channel.size(), 2U);  // the next took its place
    co_await yield();
    EXPECT_THAT(sent, ElementsAre(1, 2, 3));
    for (const int expected : {2, 3, 4}) {
      const Result<std::optional<int>> value = co_await channel.receive();
      EXPECT_EQ(**value, expected);
    }
    co_await scope.join();

    EXPECT_EQ(channel.try_receive(), std::nullopt);
    co_return sent;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, 3, 4));
}

TEST_P(ChannelTest, ServesSendersAndReceiversInTheOrderOfComing) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> first;
    std::vector<int> second;
    std::vector<int> sent;
    Channel<int> channel(1);
    Scope scope;
    scope.spawn(receive_all(&channel, &first));
    scope.spawn(receive_all(&channel, &second));
    co_await yield();

    for (int value = 1; value <= 3; ++value) scope.spawn(send_all(&channel, {value}, &sent));
    co_await yield();
    channel.close();
    co_await scope.join();

    EXPECT_THAT(first, ElementsAre(1, 3, end_mark));
    EXPECT_THAT(second, ElementsAre(2, end_mark));
    EXPECT_THAT(sent, ElementsAre(1, 2, 3));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ChannelTest, WhatIsInItWhenItClosesIsStillReceived) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> sent;
    std::vector<int> received;
    Channel<int> channel(2);
    Scope scope;
    scope.spawn(send_all(&channel, {1, 2, 3}, &sent));
    co_await yield();

    channel.close();
    channel.close();
    EXPECT_TRUE(channel.closed());
    const Result<void> late = co_await channel.send(4);
    EXPECT_EQ(late.error(), Error::channel_closed);
    EXPECT_EQ(channel.try_send(5), TrySend::closed);
    co_await scope.join();
    co_await receive_all(&channel, &received);

    EXPECT_THAT(sent, ElementsAre(1, 2, end_mark));  // 3 waited and was refused
    co_return received;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, end_mark));
}

TEST_P(ChannelTest, ClosingEndsAllReceivers) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> received;
    Channel<int> channel(2);
    Scope scope;
    for (int count = 0; count < 3; ++count) scope.spawn(receive_all(&channel, &received));
    co_await yield();

    channel.close();
    co_await scope.join();

    co_return received;
  });

  EXPECT_THAT(*result, ElementsAre(end_mark, end_mark, end_mark));
}

TEST_P(ChannelTest, TryingTakesTheValueOnlyWhenItIsSent) {
  const auto ended = run([]() -> Task<void> {
    Channel<std::unique_ptr<int>> channel(1);
    auto first = std::make_unique<int>(1);
    auto second = std::make_unique<int>(2);

    EXPECT_EQ(channel.try_send(std::move(first)), TrySend::sent);
    EXPECT_EQ(channel.try_send(std::move(second)), TrySend::full);

    EXPECT_EQ(first, nullptr);   // NOLINT(bugprone-use-after-move)
    EXPECT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move)
    channel.close();
    EXPECT_EQ(channel.try_send(std::move(second)), TrySend::closed);
    EXPECT_NE(second, nullptr);  // NOLINT(bugprone-use-after-move)
    co_return;
  });

  EXPECT_TRUE(ended);
}

TEST_P(ChannelTest, TryingHandsOverToWhoWaits) {
  const auto result = run([]() -> Task<std::vector<int>> {
    std::vector<int> received;
    Channel<int> channel(1);
    Scope scope;
    scope.spawn(receive_all(&channel, &received));
    co_await yield();

    EXPECT_EQ(channel.try_send(1), TrySend::sent);
    EXPECT_EQ(channel.size(), 0U);
    EXPECT_EQ(channel.try_send(2), TrySend::sent);
    EXPECT_EQ(channel.size(), 1U);
    co_await yield();
    channel.close();
    co_await scope.join();

    co_return received;
  });

  EXPECT_THAT(*result, ElementsAre(1, 2, end_mark));
}

TEST_P(ChannelTest, ACancelledSendDidNotDeliverAndLeavesTheValue) {
  const auto ended = run([]() -> Task<void> {
    Channel<std::unique_ptr<int>> channel(1);
    EXPECT_EQ(channel.try_send(std::make_unique<int>(1)), TrySend::sent);
    auto value = std::make_unique<int>(2);

    const Result<void> delivered = co_await with_timeout(Duration(1), channel.send_from(value));

    EXPECT_EQ(delivered.error(), Error::deadline_exceeded);
    EXPECT_NE(value, nullptr);
    const Result<void> lost =
        co_await with_timeout(Duration(1), channel.send(std::make_unique<int>(3)));
    EXPECT_EQ(lost.error(), Error::deadline_exceeded);
    EXPECT_EQ(**channel.try_receive(), 1);
    EXPECT_EQ(channel.try_receive(), std::nullopt);
  });

  EXPECT_TRUE(ended);
}

TEST_P(ChannelTest, ACancellationAfterTheDeliveryComesTooLate) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> sent;
    std::vector<int> received;
    Channel<int> channel(1);
    Scope senders;
    Scope receivers;
    senders.spawn(send_all(&channel, {1, 2}, &sent));
    co_await yield();

    EXPECT_THAT(channel.try_receive(), Optional(1));  // 2 takes the place
    senders.cancel();
    co_await senders.join();
    EXPECT_THAT(sent, ElementsAre(1, 2));
    EXPECT_THAT(channel.try_receive(), Optional(2));

    receivers.spawn(receive_all(&channel, &received));
    co_await yield();
    EXPECT_EQ(channel.try_send(3), TrySend::sent);
    receivers.cancel();
    co_await receivers.join();
    EXPECT_THAT(received, ElementsAre(3, cancelled_mark));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ChannelTest, ACancelledReceiverLeavesTheValueToTheNext) {
  const auto ended = run([]() -> Task<void> {
    std::vector<int> first;
    std::vector<int> second;
    Channel<int> channel(1);
    Scope dropped;
    Scope kept;
    dropped.spawn(receive_all(&channel, &first));
    kept.spawn(receive_all(&channel, &second));
    co_await yield();

    dropped.cancel();
    EXPECT_EQ(channel.try_send(1), TrySend::sent);
    co_await dropped.join();
    channel.close();
    co_await kept.join();

    EXPECT_THAT(first, ElementsAre(cancelled_mark));
    EXPECT_THAT(second, ElementsAre(1, end_mark));
  });

  EXPECT_TRUE(ended);
}

TEST_P(ChannelTest, DestroysEveryValueOnce) {
  test::LifeCounts counts;

  const auto ended = run([&]() -> Task<void> {
    Channel<test::Counted> channel(2);
    for (int number = 0; number < 2; ++number) {
      const Result<void> sent = co_await channel.send(test::Counted(counts, number));
      EXPECT_TRUE(sent);
    }
    const Result<void> lost =
        co_await with_timeout(Duration(1), channel.send(test::Counted(counts, 2)));
    EXPECT_FALSE(lost);
    EXPECT_EQ(counts.alive(), 2);
    {
      const Result<std::optional<test::Counted>> value = co_await channel.receive();
      EXPECT_EQ((*value)->number, 0);
    }
    EXPECT_EQ(counts.alive(), 1);
  });

  EXPECT_TRUE(ended);
  EXPECT_EQ(counts.alive(), 0);
}

struct Tally {
  std::vector<int> delivered;  ///< per value: how often a send said so
  std::vector<int> received;   ///< per value: how often it came out
};

Task<void> send_some(Channel<int>* channel, int first, int count, std::uint64_t seed,
                     Tally* tally) {
  std::mt19937_64 random(seed);
  for (int value = first; value < first + count; ++value) {
    const Result<void> sent =
        co_await with_timeout(Duration(random() % 30'000), channel->send(value));
    if (sent) ++tally->delivered[static_cast<std::size_t>(value)];
    if (random() % 4 == 0) co_await yield();
  }
}

Task<void> receive_some(Channel<int>* channel, std::uint64_t seed, Tally* tally) {
  std::mt19937_64 random(seed);
  for (;;) {
    const Result<std::optional<int>> value =
        co_await with_timeout(Duration(random() % 30'000), channel->receive());
    if (value && !*value) co_return;
    if (value) ++tally->received[static_cast<std::size_t>(**value)];
    if (random() % 4 == 0) co_await yield();
  }
}

TEST_P(ChannelTest, NeverLosesOrDoublesAValueUnderRandomCancellation) {
  constexpr int senders = 8;
  constexpr int values_each = 500;
  const test::Seed seed;
  SCOPED_TRACE(seed.text());

  const auto result = run([&]() -> Task<Tally> {
    constexpr std::size_t values = senders * values_each;
    Tally tally{std::vector<int>(values), std::vector<int>(values)};
    Channel<int> channel(3);
    Scope sending;
    Scope receiving;
    for (int index = 0; index < senders; ++index) {
      const auto number = static_cast<std::uint64_t>(index);
      sending.spawn(
          send_some(&channel, index * values_each, values_each, seed.value() + number, &tally));
      receiving.spawn(receive_some(&channel, seed.value() + 100 + number, &tally));
    }
    co_await sending.join();
    channel.close();
    co_await receiving.join();
    co_return tally;
  });

  EXPECT_EQ(result->delivered, result->received);
  EXPECT_GT(std::accumulate(result->received.begin(), result->received.end(), 0), 0);
}

}  // namespace
}  // namespace weir
