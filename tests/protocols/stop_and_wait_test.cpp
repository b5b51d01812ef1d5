#include "weir/protocols/stop_and_wait.h"

#include <chrono>
#include <cstddef>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"

namespace weir::protocols {
namespace {

using namespace std::chrono_literals;
using test::heap_buffer;
using Clock = std::chrono::steady_clock;

constexpr Clock::time_point start{};

StopAndWaitSender sender(LengthEnd length_end = LengthEnd::none) {
  return StopAndWaitSender(
      {.message_bytes_max = 1000, .acknowledgement_timeout = 1s, .length_end = length_end});
}

StopAndWaitReceiver receiver(std::chrono::nanoseconds settle_time = 10ms) {
  return StopAndWaitReceiver(
      {.message_bytes_max = 1000, .settle_time = settle_time, .message_timeout = 2s});
}

Chain chain(std::string_view text) { return Chain(heap_buffer(text)); }

TEST(StopAndWait, SendsTheLengthThenTheMessageOnceItIsAcknowledged) {
  auto s = sender();
  Chain out;

  ASSERT_TRUE(s.send(chain("hello"), start, out).has_value());
  EXPECT_EQ(out, std::string_view("5"));
  EXPECT_EQ(s.deadline(), start + 1s);

  Chain first_half = chain("o");
  EXPECT_FALSE(s.receive(first_half, out).value());
  Chain second_half = chain("k");
  EXPECT_TRUE(s.receive(second_half, out).value());
  EXPECT_EQ(out, std::string_view("5hello"));
  EXPECT_FALSE(s.deadline());
  EXPECT_TRUE(s.is_idle());
}

TEST(StopAndWait, TakesOneMessageAtATime) {
  auto s = sender();
  Chain out;
  ASSERT_TRUE(s.send(chain("a"), start, out));

  EXPECT_EQ(s.send(chain("b"), start, out).error(), Error::busy);

  EXPECT_EQ(out, std::string_view("1"));
}

TEST(StopAndWait, RefusesAMessageOverTheLimitAndStaysIdle) {
  auto s = sender();
  Chain out;

  EXPECT_EQ(s.send(chain(std::string(1001, 'x')), start, out).error(), Error::frame_too_large);

  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(s.is_idle());
}

TEST(StopAndWait, EndsWhenTheAcknowledgementIsOverdue) {
  auto s = sender();
  Chain out;
  ASSERT_TRUE(s.send(chain("a"), start, out));

  EXPECT_TRUE(s.expire(start + 999ms).has_value());
  EXPECT_EQ(s.expire(start + 1s).error(), Error::deadline_exceeded);

  Chain late = chain("ok");
  EXPECT_EQ(s.receive(late, out).error(), Error::deadline_exceeded);
  EXPECT_EQ(out, std::string_view("1"));
}

TEST(StopAndWait, EndsAtAnythingButTheAcknowledgement) {
  for (const char* const answer : {"no", "oko", "OK", "ok\n"}) {
    SCOPED_TRACE(answer);
    auto s = sender();
    Chain out;
    ASSERT_TRUE(s.send(chain("a"), start, out));
    Chain in = chain(answer);

    EXPECT_EQ(s.receive(in, out).error(), Error::frame_malformed);
  }
  auto s = sender();
  Chain in = chain("ok");
  Chain out;
  EXPECT_EQ(s.receive(in, out).error(), Error::frame_malformed);  // nothing was sent
}

TEST(StopAndWait, WaitsUntilTheDigitsOfALengthAreAlone) {
  auto r = receiver();
  Chain out;
  Chain in = chain("1");
  ASSERT_FALSE(r.receive(in, start, out).value());
  EXPECT_EQ(r.deadline(), start + 10ms);

  in.append(chain("2"));
  ASSERT_FALSE(r.receive(in, start + 9ms, out).value());
  ASSERT_TRUE(r.expire(start + 18ms, out));
  EXPECT_TRUE(out.empty());  // the second digit began the wait anew
  ASSERT_TRUE(r.expire(start + 19ms, out));
  EXPECT_EQ(out, std::string_view("ok"));

  in.append(chain("hello, world3"));
  EXPECT_EQ(r.receive(in, start + 20ms, out).value()->to_string(), "hello, world");
  EXPECT_EQ(in, std::string_view("3"));  // of the next message
}

TEST(StopAndWait, NeedsNoWaitBehindANewline) {
  auto r = receiver();
  Chain out;
  Chain in = chain("5\n");

  ASSERT_FALSE(r.receive(in, start, out).value());

  EXPECT_EQ(out, std::string_view("ok"));
  EXPECT_EQ(r.deadline(), start + 2s);
}

// Whatever the settle time: a network that pauses before the newline would make it the first byte
// of the message.
TEST(StopAndWait, TakesNoSilenceForTheEndOfALengthThatHasOne) {
  for (const auto settle_time : {0ms, 10ms}) {
    SCOPED_TRACE(settle_time.count());
    StopAndWaitReceiver r({.message_bytes_max = 1000,
                           .settle_time = settle_time,
                           .message_timeout = 2s,
                           .length_end = LengthEnd::newline});
    Chain out;
    Chain in = chain("5");
    ASSERT_FALSE(r.receive(in, start, out).value());

    EXPECT_EQ(r.deadline(), start + 2s);
    ASSERT_TRUE(r.expire(start + 1s, out));
    EXPECT_TRUE(out.empty());
    in.append(chain("\n"));
    ASSERT_FALSE(r.receive(in, start + 1s, out).value());
    EXPECT_EQ(out, std::string_view("ok"));
    in.append(chain("hello"));
    EXPECT_EQ(r.receive(in, start + 1s, out).value()->to_string(), "hello");
  }
}

TEST(StopAndWait, TakesWhatArrivedTogetherWhenTheSettleTimeIsZero) {
  auto r = receiver(0ms);
  Chain out;
  Chain in = chain("12");

  ASSERT_FALSE(r.receive(in, start, out).value());

  EXPECT_EQ(out, std::string_view("ok"));
}

TEST(StopAndWait, DeliversAnEmptyMessage) {
  auto r = receiver();
  Chain out;
  Chain in = chain("0");
  ASSERT_FALSE(r.receive(in, start, out).value());

  ASSERT_TRUE(r.expire(start + 10ms, out));
  const auto message = r.receive(in, start + 10ms, out);

  ASSERT_TRUE(message.value());
  EXPECT_TRUE((*message)->empty());
  EXPECT_TRUE(r.finish(in).has_value());
}

TEST(StopAndWait, RefusesWhatIsNoLength) {
  for (const char* const text : {"x", "-1", "+1", " 1", "\n", "1x", "01", "00"}) {
    SCOPED_TRACE(text);
    auto r = receiver();
    Chain out;
    Chain in = chain(text);

    EXPECT_EQ(r.receive(in, start, out).error(), Error::frame_malformed);
    EXPECT_EQ(r.receive(in, start, out).error(), Error::frame_malformed);
    EXPECT_TRUE(out.empty());
  }
}

TEST(StopAndWait, RefusesALengthOverTheLimitAtTheDigitThatMakesItSo) {
  for (const char* const text : {"1001", "9999999999999999999999999999"}) {
    SCOPED_TRACE(text);
    auto r = receiver();
    Chain out;
    Chain in = chain(text);

    EXPECT_EQ(r.receive(in, start, out).error(), Error::frame_too_large);
  }
  auto r = receiver();
  Chain out;
  Chain in = chain("1000\n");
  EXPECT_TRUE(r.receive(in, start, out).has_value());
}

TEST(StopAndWait, EndsWhenTheMessageIsOverdue) {
  auto r = receiver();
  Chain out;
  Chain in = chain("5\nhell");
  ASSERT_FALSE(r.receive(in, start, out).value());

  EXPECT_TRUE(r.expire(start + 1999ms, out).has_value());
  EXPECT_EQ(r.expire(start + 2s, out).error(), Error::deadline_exceeded);
}

// A byte a second is too slow for a message of two seconds; silence between messages is not slow.
TEST(StopAndWait, TimesAMessageThatTricklesButNoPeerThatIsIdle) {
  auto r = receiver();
  Chain out;
  Chain in;
  EXPECT_FALSE(r.deadline());
  in.append(chain("1\na"));
  ASSERT_TRUE(r.receive(in, start, out).value());
  EXPECT_FALSE(r.deadline());

  in.append(chain("5\n"));
  ASSERT_FALSE(r.receive(in, start + 100s, out).value());
  EXPECT_EQ(r.deadline(), start + 102s);
  in.append(chain("h"));
  ASSERT_FALSE(r.receive(in, start + 101s, out).value());
  EXPECT_EQ(r.deadline(), start + 102s);  // a byte does not begin it anew
  EXPECT_EQ(r.expire(start + 102s, out).error(), Error::deadline_exceeded);
}

TEST(StopAndWait, TellsAnEndBetweenMessagesFromOneInside) {
  Chain nothing;
  EXPECT_TRUE(receiver().finish(nothing).has_value());
  for (const char* const text : {"5", "5\n", "5\nhell"}) {
    SCOPED_TRACE(text);
    auto r = receiver();
    Chain out;
    Chain in = chain(text);
    ASSERT_FALSE(r.receive(in, start, out).value());

    EXPECT_EQ(r.finish(in).error(), Error::end_of_stream);
  }
}

// Both sides, joined by a network that delivers in pieces, a millisecond each, and that never stays
// silent for as long as the settle time: digits torn apart by more are two lengths to any receiver.
TEST(StopAndWait, DeliversAllMessagesOverANetworkThatCuts) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  constexpr int silent_steps_max = 8;  // of 1 ms, below the 10 ms of receiver()
  for (const LengthEnd length_end : {LengthEnd::none, LengthEnd::newline}) {
    auto s = sender(length_end);
    auto r = receiver();
    auto now = start;
    Chain to_receiver, at_receiver, to_sender, at_sender;
    std::vector<std::string> sent, received;
    int silent_steps = 0;
    const auto deliver = [&](Chain& from, Chain& to) {
      if (from.empty()) return;
      const std::size_t least = silent_steps == silent_steps_max ? 1 : 0;
      const std::size_t bytes = least + random() % (from.size() + 1 - least);
      silent_steps = bytes == 0 ? silent_steps + 1 : 0;
      to.append(from.split(bytes));
    };

    for (int step = 0; step < 100000 && received.size() < 50; ++step, now += 1ms) {
      if (s.is_idle() && sent.size() < 50) {
        sent.push_back(test::random_bytes(random, random() % 30));
        Chain message = sent.back().empty() ? Chain() : chain(sent.back());
        ASSERT_TRUE(s.send(std::move(message), now, to_receiver));
      }
      deliver(to_receiver, at_receiver);
      deliver(to_sender, at_sender);
      ASSERT_TRUE(s.receive(at_sender, to_receiver).has_value());
      ASSERT_TRUE(r.expire(now, to_sender).has_value());
      for (;;) {
        auto message = r.receive(at_receiver, now, to_sender);
        ASSERT_TRUE(message.has_value()) << message.error().message();
        if (!*message) break;
        received.push_back((*message)->to_string());
      }
    }

    EXPECT_EQ(received, sent);
  }
}

}  // namespace
}  // namespace weir::protocols
