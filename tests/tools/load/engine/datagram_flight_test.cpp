#include "tools/weir/load/engine/datagram_flight.h"

#include <deque>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using Bytes = std::vector<std::byte>;

constexpr DatagramFlightOptions flight_options{
    .stream_id = 7, .datagram_bytes = 64, .lost_after = 160ms, .window_datagrams = 64};

/// The next `count` datagrams, sent at `now`.
std::vector<Bytes> send(DatagramFlight& flight, std::size_t count, std::chrono::nanoseconds now) {
  std::vector<Bytes> datagrams(count, Bytes(flight_options.datagram_bytes));
  flight.begin_batch(now);
  for (Bytes& datagram : datagrams) flight.write_next(now, datagram);
  return datagrams;
}

TEST(DatagramFlight, CountsAnswersAndTheirLatency) {
  DatagramFlight flight(flight_options);
  const auto datagrams = send(flight, 3, 1s);

  const EchoReceived received = flight.receive(datagrams[1], 1s + 20us);

  EXPECT_EQ(received.echo, Echo::answer);
  EXPECT_EQ(received.latency, 20us);
  EXPECT_EQ(flight.sent(), 3U);
  EXPECT_EQ(flight.outstanding(), 2U);
}

TEST(DatagramFlight, CountsLatencyFromWhenADatagramWasDue) {
  DatagramFlight flight(flight_options);
  Bytes datagram(flight_options.datagram_bytes);
  flight.begin_batch(1s);
  flight.write_next(1s - 3ms, datagram);

  EXPECT_EQ(flight.receive(datagram, 1s + 1ms).latency, 4ms);
}

TEST(DatagramFlight, TellsCopiesFromAnswers) {
  DatagramFlight flight(flight_options);
  const auto datagrams = send(flight, 2, 1s);

  EXPECT_EQ(flight.receive(datagrams[1], 1s).echo, Echo::answer);
  EXPECT_EQ(flight.receive(datagrams[1], 1s).echo, Echo::duplicate);
  EXPECT_EQ(flight.receive(datagrams[0], 1s).echo, Echo::answer);

  EXPECT_EQ(flight.counts().reordered, 1U);
  EXPECT_EQ(flight.outstanding(), 0U);
}

TEST(DatagramFlight, TellsHowLongWhatIsPendingHasBeenUnderWay) {
  DatagramFlight flight(flight_options);
  const auto old = send(flight, 3, 1s);
  const auto recent = send(flight, 4, 1s + 100ms);
  (void)flight.receive(old[1], 1s + 100ms);
  (void)flight.receive(recent[3], 1s + 101ms);

  EXPECT_THAT(flight.pending(1s + 110ms), ElementsAre(DatagramsPending{.count = 2, .age = 110ms},
                                                      DatagramsPending{.count = 3, .age = 10ms}));
  EXPECT_EQ(flight.outstanding(), 5U);  // to be told changes nothing
  EXPECT_EQ(flight.counts().lost, 0U);
  flight.expire(1s + 170ms);
  EXPECT_THAT(flight.pending(1s + 170ms), ElementsAre(DatagramsPending{.count = 3, .age = 70ms}));
}

TEST(DatagramFlight, HasNothingPendingWhenAllIsDecided) {
  DatagramFlight flight(flight_options);
  EXPECT_THAT(flight.pending(1s), IsEmpty());
  const auto datagrams = send(flight, 2, 1s);
  flight.begin_batch(1s + 50ms);

  for (const Bytes& datagram : datagrams) (void)flight.receive(datagram, 1s + 1ms);

  EXPECT_THAT(flight.pending(2s), IsEmpty());
}

TEST(DatagramFlight, GivesUpWhatIsOverdueAndNothingElse) {
  DatagramFlight flight(flight_options);
  const auto first = send(flight, 2, 1s);
  const auto second = send(flight, 3, 1s + 100ms);
  EXPECT_EQ(flight.receive(first[0], 1s).echo, Echo::answer);

  flight.expire(1s + 159ms);
  EXPECT_EQ(flight.outstanding(), 4U);
  flight.expire(1s + 160ms);
  EXPECT_EQ(flight.outstanding(), 3U);
  EXPECT_EQ(flight.counts().lost, 1U);

  EXPECT_EQ(flight.receive(first[1], 1s + 161ms).echo, Echo::late);
  EXPECT_EQ(flight.receive(second[2], 1s + 161ms).echo, Echo::answer);
  flight.finish();
  EXPECT_EQ(flight.counts().lost, 3U);
  EXPECT_EQ(flight.counts().late, 1U);
  EXPECT_EQ(flight.outstanding(), 0U);
}

TEST(DatagramFlight, IsASixteenthLateAtMostWithWhatItGivesUp) {
  DatagramFlight flight(flight_options);
  std::deque<std::chrono::nanoseconds> sent_at;
  for (auto now = 1s + 0ns; now < 2s; now += 1ms) {
    send(flight, 1, now);
    sent_at.push_back(now);

    flight.expire(now);
    const std::uint64_t lost = flight.counts().lost;

    for (std::uint64_t i = 0; i < lost; ++i) EXPECT_GE(now - sent_at[i], flight_options.lost_after);
    const auto oldest = now - sent_at[lost];
    EXPECT_LT(oldest, flight_options.lost_after * 17 / 16 + 1ms);
  }
}

TEST(DatagramFlight, UsesNumbersAgainThatWereNotSent) {
  DatagramFlight flight(flight_options);
  auto datagrams = send(flight, 4, 1s);
  flight.take_back(3);
  EXPECT_EQ(flight.sent(), 1U);
  EXPECT_EQ(flight.receive(datagrams[2], 1s).echo, Echo::damaged);

  datagrams = send(flight, 1, 2s);
  EXPECT_EQ(flight.receive(datagrams[0], 2s).echo, Echo::answer);
  flight.expire(1s + 160ms);

  EXPECT_EQ(flight.sent(), 2U);
  EXPECT_EQ(flight.counts().lost, 1U);
  EXPECT_EQ(flight.counts().unique, 1U);
}

TEST(DatagramFlight, FindsEveryChangedByte) {
  DatagramFlight flight(flight_options);
  const auto datagrams = send(flight, 1, 1s);
  for (std::size_t at = 0; at < flight_options.datagram_bytes; ++at) {
    Bytes changed = datagrams[0];
    changed[at] ^= std::byte{0x10};

    const Echo echo = flight.receive(changed, 1s + 100s).echo;

    EXPECT_TRUE(echo == Echo::damaged || echo == Echo::foreign) << at;
  }
  EXPECT_EQ(flight.damaged() + flight.foreign(), flight_options.datagram_bytes);
  EXPECT_EQ(flight.foreign(), 8U);  // magic, version and stream
  EXPECT_EQ(flight.outstanding(), 1U);
  EXPECT_EQ(flight.receive(datagrams[0], 1s).echo, Echo::answer);
}

TEST(DatagramFlight, SaysWhatIsWrong) {
  DatagramFlight flight(flight_options);
  const auto datagrams = send(flight, 1, 1s);
  Bytes changed = datagrams[0];
  changed[40] ^= std::byte{0xff};
  Bytes longer = datagrams[0];
  longer.push_back({});

  flight.receive(changed, 1s);
  EXPECT_THAT(flight.complaint(), HasSubstr("datagram 0, byte 40: expected 0x"));
  flight.receive(longer, 1s);
  EXPECT_EQ(flight.complaint(), "datagram 0: 65 bytes came back of 64");
  flight.receive(std::span(datagrams[0]).first(23), 1s);
  EXPECT_EQ(flight.complaint(), "23 bytes that no sender of this protocol wrote");
  flight.receive({}, 1s);
  EXPECT_EQ(flight.complaint(), "0 bytes that no sender of this protocol wrote");
}

}  // namespace
}  // namespace weir::tools::load
