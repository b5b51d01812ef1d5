// Every cure of examples/sticky delivers every message intact, wherever the network cuts. Here and
// not with the tests of the examples, so that the sanitizers see it.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "examples/sticky/cures.h"
#include "tests/support/codec_check.h"
#include "tests/support/home_pool.h"
#include "weir/protocols/deframer.h"

namespace sticky {
namespace {

using namespace std::chrono_literals;
using weir::Chain;
using weir::protocols::Deframer;
using weir::protocols::LengthEnd;
using weir::test::cut_reads;
using weir::test::events_of;
using weir::test::HomePool;
using weir::test::joined;
using weir::test::Seed;
using weir::test::to_hex;
using Clock = std::chrono::steady_clock;

/// Lengths of one to three digits, and what a receiver that lost its place would take for more of
/// the protocol: digits, acknowledgements, headers.
std::vector<std::string> messages() {
  return {"hello", "",
          "12",    "ok",
          "5\n",   std::string("\5\0\0\0", 4),
          "{}",    std::string(12, 'x'),
          "1",     std::string(R"({"data_size": 3})"),
          "0",     std::string(123, 'y')};
}

Chain chain_of(std::string_view text) {
  if (text.empty()) return {};
  return weir::test::heap_buffer(text);
}

// ---- packed and json ---------------------------------------------------------------------------

template <typename MakeCodec>
std::string wire_of(MakeCodec make) {
  auto codec = make();
  Chain wire;
  for (const std::string& message : messages()) {
    typename decltype(make())::Frame frame;
    put(chain_of(message), frame);
    EXPECT_TRUE(codec.encode(std::move(frame), wire).has_value());
  }
  return wire.to_string();
}

weir::test::Events expected_events() {
  weir::test::Events events;
  for (const std::string& message : messages()) {
    events.push_back(message.empty() ? "-" : to_hex(message));
  }
  return events;
}

template <typename MakeCodec>
void check_codec_at_all_cuts(MakeCodec make) {
  const std::string wire = wire_of(make);

  EXPECT_EQ(joined(events_of(make, {wire}, /*is_ended=*/true)), joined(expected_events()));
  EXPECT_EQ(weir::test::first_difference(make, wire, /*is_ended=*/true).value_or(""), "");
}

template <typename MakeCodec>
void check_codec_cut_at_random(MakeCodec make) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  const std::string wire = wire_of(make);
  for (int round = 0; round < 500; ++round) {
    const auto reads = cut_reads(random, wire, 1 + random() % 100);

    for (const auto way : weir::test::ways()) {
      ASSERT_EQ(joined(events_of(make, reads, /*is_ended=*/true, way)), joined(expected_events()))
          << way.text();
    }
  }
}

TEST(StickyCures, PackedLengthsDeliverEveryMessageAtEverySplitPoint) {
  check_codec_at_all_cuts(packed);
  const HomePool pool;
  check_codec_at_all_cuts(packed);
}

TEST(StickyCures, PackedLengthsDeliverEveryMessageCutAtRandom) {
  check_codec_cut_at_random(packed);
  const HomePool pool;
  check_codec_cut_at_random(packed);
}

TEST(StickyCures, JsonHeadersDeliverEveryMessageAtEverySplitPoint) {
  check_codec_at_all_cuts(json);
  const HomePool pool;
  check_codec_at_all_cuts(json);
}

TEST(StickyCures, JsonHeadersDeliverEveryMessageCutAtRandom) {
  check_codec_cut_at_random(json);
  const HomePool pool;
  check_codec_cut_at_random(json);
}

// ---- ack ---------------------------------------------------------------------------------------

/// One direction of a network: what is sent in a step arrives in the next one, up to the next cut;
/// what is behind it comes `pause` steps later.
class Wire {
 public:
  Wire(std::set<std::size_t> cuts, int pause) : cuts_(std::move(cuts)), pause_(pause) {}

  Chain out;  ///< what the one side sends
  Chain in;   ///< what has arrived at the other

  void step() {
    if (silent_steps_left_ > 0 && --silent_steps_left_ > 0) return;
    const auto cut = cuts_.upper_bound(passed_);
    const std::size_t room = cut == cuts_.end() ? out.size() : *cut - passed_;
    const std::size_t count = std::min(room, out.size());
    in.append(out.split(count));
    passed_ += count;
    if (cuts_.contains(passed_)) silent_steps_left_ = pause_;
  }
  /// Bytes that have arrived, in all.
  [[nodiscard]] std::size_t passed() const { return passed_; }

 private:
  std::set<std::size_t> cuts_;  // places of the stream
  int pause_;
  int silent_steps_left_ = 0;
  std::size_t passed_ = 0;
};

/// Both sides of the first cure with a network between them, a millisecond a step.
class Exchange {
 public:
  explicit Exchange(LengthEnd length_end)
      : sender_(acknowledged_sender(length_end)), receiver_(acknowledged_receiver(length_end)) {}

  /// What the receiver makes of all messages; an error is the last of them.
  [[nodiscard]] std::vector<std::string> run(Wire& there, Wire& back) {
    const std::vector<std::string> sent = messages();
    std::vector<std::string> received;
    std::size_t next = 0;
    Clock::time_point now{};
    for (int steps = 0; steps < 10'000 && received.size() < sent.size(); ++steps, now += 1ms) {
      if (sender_.is_idle() && next < sent.size()) {
        EXPECT_TRUE(sender_.send(chain_of(sent[next++]), now, there.out).has_value());
      }
      there.step();
      back.step();
      weir::Result<> done = receiver_.expire(now, back.out);
      while (done && take(there.in, now, back.out, received, done)) {
      }
      if (done && !sender_.is_idle()) {
        const auto acknowledged = sender_.receive(back.in, there.out);
        if (!acknowledged) done = weir::fail(acknowledged.error());
      }
      if (!done) {
        received.push_back("error: " + done.error().message());
        return received;
      }
    }
    return received;
  }

 private:
  bool take(Chain& in, Clock::time_point now, Chain& out, std::vector<std::string>& received,
            weir::Result<>& done) {
    const auto message = receiver_.receive(in, now, out);
    if (!message) {
      done = weir::fail(message.error());
      return false;
    }
    if (*message) received.push_back((**message).to_string());
    return message->has_value();
  }

  weir::protocols::StopAndWaitSender sender_;
  weir::protocols::StopAndWaitReceiver receiver_;
};

constexpr int below_settle_time = 1;  // of 2 ms
constexpr int above_settle_time = 5;

struct StreamBytes {
  std::size_t there, back;
};

/// What passes each way if nothing is cut.
StreamBytes stream_bytes(LengthEnd length_end) {
  Wire there({}, 0);
  Wire back({}, 0);
  EXPECT_EQ(Exchange(length_end).run(there, back), messages());
  return {.there = there.passed(), .back = back.passed()};
}

void check_exchange_at_all_cuts(LengthEnd length_end, int pause) {
  const StreamBytes bytes = stream_bytes(length_end);
  ASSERT_GT(bytes.there, 150U);
  ASSERT_EQ(bytes.back, 2 * messages().size());  // "ok" each
  for (std::size_t cut = 1; cut < bytes.there; ++cut) {
    SCOPED_TRACE("sender's stream cut at " + std::to_string(cut));
    Wire there({cut}, pause);
    Wire back({}, 0);
    EXPECT_EQ(Exchange(length_end).run(there, back), messages());
  }
  for (std::size_t cut = 1; cut < bytes.back; ++cut) {
    SCOPED_TRACE("receiver's stream cut at " + std::to_string(cut));
    Wire there({}, 0);
    Wire back({cut}, pause);
    EXPECT_EQ(Exchange(length_end).run(there, back), messages());
  }
}

std::set<std::size_t> draw_cuts(std::mt19937_64& random, std::size_t bytes) {
  std::set<std::size_t> cuts;
  for (std::uint64_t count = random() % (bytes + 1); count-- > 0;) cuts.insert(random() % bytes);
  return cuts;
}

void check_exchange_cut_at_random(LengthEnd length_end, int pause) {
  const Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  const StreamBytes bytes = stream_bytes(length_end);
  for (int round = 0; round < 200; ++round) {
    Wire there(draw_cuts(random, bytes.there), pause);
    Wire back(draw_cuts(random, bytes.back), pause);

    ASSERT_EQ(Exchange(length_end).run(there, back), messages()) << "round " << round;
  }
}

TEST(StickyCures, AcknowledgedLengthsDeliverEveryMessageAtEverySplitPoint) {
  check_exchange_at_all_cuts(LengthEnd::none, below_settle_time);
  const HomePool pool;
  check_exchange_at_all_cuts(LengthEnd::none, below_settle_time);
}

TEST(StickyCures, AcknowledgedLengthsDeliverEveryMessageCutAtRandom) {
  check_exchange_cut_at_random(LengthEnd::none, below_settle_time);
  const HomePool pool;
  check_exchange_cut_at_random(LengthEnd::none, below_settle_time);
}

TEST(StickyCures, LengthsWithAnEndDeliverEveryMessageHoweverLongTheNetworkPauses) {
  check_exchange_at_all_cuts(LengthEnd::newline, above_settle_time);
  check_exchange_cut_at_random(LengthEnd::newline, above_settle_time);
}

// Why a length should have an end: nothing but silence says that its digits are all there.
TEST(StickyCures, ALengthTornApartForLongerThanTheSettleTimeIsTakenForAShorterOne) {
  const std::size_t bytes_before_the_last = stream_bytes(LengthEnd::none).there - 123;
  Wire there({bytes_before_the_last - 1}, above_settle_time);  // "12" and "3"
  Wire back({}, 0);

  const auto received = Exchange(LengthEnd::none).run(there, back);

  ASSERT_EQ(received.size(), messages().size() + 1);  // and what the rest is taken for
  EXPECT_EQ(received[messages().size() - 1], "3" + std::string(11, 'y'));
  EXPECT_TRUE(received.back().starts_with("error: "));
}

}  // namespace
}  // namespace sticky
