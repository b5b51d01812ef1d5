#include "weir/protocols/datagram_sequence.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/datagram_sequence_model.h"
#include "tests/support/seed.h"

namespace weir::protocols {

// How gtest prints one.
void PrintTo(const DatagramCounts& c, std::ostream* out) {
  *out << "received " << c.received << ", unique " << c.unique << ", duplicates " << c.duplicates
       << ", late " << c.late << ", implausible " << c.implausible << ", lost " << c.lost
       << ", pending " << c.pending << ", reordered " << c.reordered << " up to "
       << c.reordering_distance_max << ", bursts " << c.loss_bursts << " up to "
       << c.loss_burst_max;
}

namespace {

using namespace std::chrono_literals;
using test::DatagramSequenceModel;
using Options = DatagramSequenceOptions;
using Numbers = std::vector<std::uint64_t>;

constexpr std::uint64_t sequence_largest = DatagramHeader::sequence_max;

DatagramSequence sequence_of(const Options& options = {.window_datagrams = 64}) {
  return DatagramSequence::create(options).value();
}

DatagramArrival receive(DatagramSequence& sequence, std::uint64_t number) {
  return sequence.receive({.sequence = number}, 0ns);
}

// A letter for each: in order, after a Gap, reordered, duplicate, late, and X for implausible.
std::string receive_all(DatagramSequence& sequence, const Numbers& numbers) {
  std::string letters;
  for (const std::uint64_t number : numbers) {
    letters += "igrdlx"[static_cast<int>(receive(sequence, number))];
  }
  return letters;
}

void receive_range(DatagramSequence& sequence, std::uint64_t begin, std::uint64_t end) {
  for (std::uint64_t number = begin; number < end; ++number) {
    static_cast<void>(receive(sequence, number));
  }
}

void expect_sums(const DatagramSequence& sequence) {
  const DatagramCounts c = sequence.counts();
  EXPECT_EQ(c.received, c.unique + c.duplicates + c.late + c.implausible);
  EXPECT_EQ(c.expected(), sequence.next_sequence() - sequence.first_sequence());
}

TEST(DatagramSequence, SaysWhatEachArrivalIs) {
  struct Vector {
    const char* name;
    Numbers numbers;
    const char* arrivals;
    DatagramCounts counts;
  };
  const Vector vectors[] = {
      {"nothing", {}, "", {}},
      {"in order", {0, 1, 2}, "iii", {.received = 3, .unique = 3}},
      {"from any number", {1000, 1001}, "ii", {.received = 2, .unique = 2}},
      {"a gap", {1, 2, 5}, "iig", {.received = 3, .unique = 3, .pending = 2}},
      {"a gap that fills: 3 and 4 are reordered, 5 is not",
       {1, 2, 5, 3, 4},
       "iigrr",
       {.received = 5, .unique = 5, .reordered = 2, .reordering_distance_max = 2}},
      {"two swapped",
       {1, 3, 2, 4},
       "igri",
       {.received = 4, .unique = 4, .reordered = 1, .reordering_distance_max = 1}},
      {"copies are never reordered",
       {1, 2, 2, 1, 3, 3},
       "iiddid",
       {.received = 6, .unique = 3, .duplicates = 3}},
      {"a copy of a reordered one",
       {1, 3, 2, 2},
       "igrd",
       {.received = 4, .unique = 3, .duplicates = 1, .reordered = 1, .reordering_distance_max = 1}},
      {"the stream began earlier",
       {5, 2, 3, 5},
       "irrd",
       {.received = 4,
        .unique = 3,
        .duplicates = 1,
        .pending = 1,
        .reordered = 2,
        .reordering_distance_max = 3}},
      {"the first of all comes last",
       {1, 0},
       "ir",
       {.received = 2, .unique = 2, .reordered = 1, .reordering_distance_max = 1}},
      {"as far back as the window reaches",
       {100, 37, 36},
       "irl",
       {.received = 3,
        .unique = 2,
        .late = 1,
        .pending = 62,
        .reordered = 1,
        .reordering_distance_max = 63}},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);
    auto sequence = sequence_of();

    EXPECT_EQ(receive_all(sequence, v.numbers), v.arrivals);

    EXPECT_EQ(sequence.counts(), v.counts);
    expect_sums(sequence);
  }
}

TEST(DatagramSequence, LosesANumberWhenOneAWindowHigherArrives) {
  auto sequence = sequence_of();
  receive_all(sequence, {0, 2});

  receive_range(sequence, 3, 65);
  EXPECT_EQ(sequence.counts().pending, 1u);
  EXPECT_EQ(sequence.counts().lost, 0u);
  EXPECT_EQ(receive_all(sequence, {65}), "i");

  EXPECT_EQ(sequence.counts().pending, 0u);
  EXPECT_EQ(sequence.counts().lost, 1u);
}

TEST(DatagramSequence, KeepsALossThatComesLate) {
  auto sequence = sequence_of();
  receive_all(sequence, {0, 2});
  receive_range(sequence, 3, 66);

  EXPECT_EQ(receive_all(sequence, {1, 1, 0}), "lll");

  const DatagramCounts counts = sequence.counts();
  EXPECT_EQ(counts.late, 3u);
  EXPECT_EQ(counts.lost, 1u);
  EXPECT_EQ(counts.reordered, 0u);
  expect_sums(sequence);
}

TEST(DatagramSequence, MeasuresBurstsOfLoss) {
  struct Vector {
    const char* name;
    Numbers lost;
    std::uint64_t bursts, longest;
  };
  const Vector vectors[] = {
      {"none", {}, 0, 0},
      {"one", {70}, 1, 1},
      {"two apart", {70, 72}, 2, 1},
      {"a run", {70, 71, 72}, 1, 3},
      {"a run over a word of the window", {126, 127, 128, 129}, 1, 4},
      {"the longest is in the middle", {10, 20, 21, 22, 30, 31}, 3, 3},
      {"the second number", {1}, 1, 1},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.name);
    auto sequence = sequence_of();
    for (std::uint64_t number = 0; number < 300; ++number) {
      if (std::ranges::find(v.lost, number) == v.lost.end()) receive_all(sequence, {number});
    }

    const DatagramCounts counts = sequence.counts();

    EXPECT_EQ(counts.lost, v.lost.size());
    EXPECT_EQ(counts.loss_bursts, v.bursts);
    EXPECT_EQ(counts.loss_burst_max, v.longest);
  }
}

TEST(DatagramSequence, JumpsOverMoreThanTheWindow) {
  struct Vector {
    std::uint64_t to, lost, pending;
  };
  for (const Vector& v : {Vector{63, 0, 62}, Vector{64, 0, 63}, Vector{65, 1, 63},
                          Vector{66, 2, 63}, Vector{129, 65, 63}, Vector{1'000'000, 999'936, 63}}) {
    SCOPED_TRACE(v.to);
    auto sequence = sequence_of();

    EXPECT_EQ(receive_all(sequence, {0, v.to}), "ig");

    const DatagramCounts counts = sequence.counts();
    EXPECT_EQ(counts.lost, v.lost);
    EXPECT_EQ(counts.pending, v.pending);
    EXPECT_EQ(counts.loss_burst_max, v.lost);
    expect_sums(sequence);
  }
}

TEST(DatagramSequence, IgnoresAJumpThatCannotBe) {
  auto sequence = sequence_of();

  EXPECT_EQ(receive_all(sequence, {0, 2 + DatagramSequence::jump_max, sequence_largest, 1}),
            "ixxi");
  EXPECT_EQ(sequence.counts().lost, 0u);
  EXPECT_EQ(receive_all(sequence, {2 + DatagramSequence::jump_max}), "g");

  EXPECT_EQ(sequence.counts().implausible, 2u);
  EXPECT_EQ(sequence.counts().expected(), 3 + DatagramSequence::jump_max);
}

TEST(DatagramSequence, EndsAtTheLargestNumber) {
  auto sequence = sequence_of();

  EXPECT_EQ(receive_all(sequence, {sequence_largest - 1, sequence_largest, UINT64_MAX,
                                   sequence_largest, 0, sequence_largest - 2}),
            "iixdlr");

  sequence.finish();
  EXPECT_EQ(sequence.next_sequence(), UINT64_MAX);
  EXPECT_EQ(receive_all(sequence, {UINT64_MAX, sequence_largest}), "xl");
  expect_sums(sequence);
}

TEST(DatagramSequence, CountsAllNumbersThereAreWithoutOverflow) {
  auto sequence = sequence_of({.window_datagrams = 64, .first_sequence = 0});

  sequence.give_up_before(UINT64_MAX);

  EXPECT_EQ(sequence.counts().lost, UINT64_MAX);
  EXPECT_EQ(sequence.counts().loss_burst_max, UINT64_MAX);
  expect_sums(sequence);
}

TEST(DatagramSequence, CountsWhatIsMissingBeforeTheFirstArrivalIfTheFirstNumberIsGiven) {
  auto sequence = sequence_of({.window_datagrams = 64, .first_sequence = 10});

  EXPECT_EQ(receive_all(sequence, {12, 9, 10, 10}), "gxrd");

  const DatagramCounts counts = sequence.counts();
  EXPECT_EQ(counts.pending, 1u);
  EXPECT_EQ(counts.implausible, 1u);
  expect_sums(sequence);
}

TEST(DatagramSequence, AddsUpToWhatWasSentWhenItIsFinished) {
  auto sequence = sequence_of({.window_datagrams = 64, .first_sequence = 0});
  receive_all(sequence, {1, 2, 4, 4, 200, 205});

  sequence.give_up_before(210);

  const DatagramCounts counts = sequence.counts();
  EXPECT_EQ(counts.pending, 0u);
  EXPECT_EQ(counts.unique, 5u);
  EXPECT_EQ(counts.unique + counts.lost, 210u);
  EXPECT_EQ(counts.loss_bursts, 5u);
  EXPECT_EQ(counts.loss_burst_max, 195u);
  EXPECT_EQ(receive_all(sequence, {203, 205, 210}), "lli");
  expect_sums(sequence);
}

TEST(DatagramSequence, GoesOnAfterItWasFinished) {
  auto sequence = sequence_of();
  receive_all(sequence, {0, 3});

  sequence.finish();
  sequence.finish();

  EXPECT_EQ(receive_all(sequence, {1, 4, 6, 5}), "ligr");
  receive_range(sequence, 7, 300);
  EXPECT_EQ(sequence.counts().lost, 2u);
  EXPECT_EQ(sequence.counts().loss_bursts, 1u);
  expect_sums(sequence);
}

TEST(DatagramSequence, IsFinishedWithNothingWhenNothingCame) {
  auto without_first = sequence_of();
  auto with_first = sequence_of({.window_datagrams = 64, .first_sequence = 5});

  without_first.finish();
  without_first.give_up_before(8);
  with_first.give_up_before(8);

  EXPECT_EQ(without_first.counts(), DatagramCounts{});
  EXPECT_EQ(with_first.counts().lost, 3u);
  EXPECT_EQ(receive_all(without_first, {7, 20, 8, 7}), "lirl");
  expect_sums(without_first);
}

TEST(DatagramSequence, TimesTheFirstCopyOfEachNumberOnly) {
  auto sequence = sequence_of();
  sequence.receive({.sequence = 0, .send_time = 10ns}, 110ns);
  sequence.receive({.sequence = 0, .send_time = 10ns}, 5010ns);
  sequence.receive({.sequence = 2, .send_time = 30ns}, 130ns);
  sequence.receive({.sequence = 1, .send_time = 20ns}, 420ns);
  sequence.receive({.sequence = sequence_largest, .send_time = 0ns}, 9000ns);

  const TransitTimes& times = sequence.transit_times();

  EXPECT_EQ(times.count(), 3u);
  EXPECT_EQ(times.min(), 100ns);
  EXPECT_EQ(times.mean(), 200ns);
  EXPECT_EQ(times.max(), 400ns);
  EXPECT_EQ(times.jitter(), 18ns);  // (0 + 300) / 16
}

TEST(DatagramSequence, AddsCountsOfSeveralStreams) {
  DatagramCounts sum{.received = 1,
                     .unique = 2,
                     .duplicates = 3,
                     .late = 4,
                     .implausible = 5,
                     .lost = 6,
                     .pending = 7,
                     .reordered = 8,
                     .reordering_distance_max = 9,
                     .loss_bursts = 10,
                     .loss_burst_max = 11};
  DatagramCounts other = sum;
  other.reordering_distance_max = 90;
  other.loss_burst_max = 1;

  sum += other;

  EXPECT_EQ(sum, (DatagramCounts{.received = 2,
                                 .unique = 4,
                                 .duplicates = 6,
                                 .late = 8,
                                 .implausible = 10,
                                 .lost = 12,
                                 .pending = 14,
                                 .reordered = 16,
                                 .reordering_distance_max = 90,
                                 .loss_bursts = 20,
                                 .loss_burst_max = 11}));
}

TEST(DatagramSequence, RefusesOptionsOutOfRange) {
  for (const std::uint32_t window : {0u, 1u, 32u, 63u, 65u, 4095u, 1u << 25, UINT32_MAX}) {
    const auto sequence = DatagramSequence::create({.window_datagrams = window});
    ASSERT_FALSE(sequence) << window;
    EXPECT_EQ(sequence.error(), Error::option_invalid);
  }

  EXPECT_TRUE(DatagramSequence::create({.window_datagrams = 1u << 24}));
  EXPECT_TRUE(
      DatagramSequence::create({.window_datagrams = 64, .first_sequence = sequence_largest}));
  EXPECT_FALSE(
      DatagramSequence::create({.window_datagrams = 64, .first_sequence = sequence_largest + 1}));
}

// Feeds both, and compares after every datagram.
void expect_as_model(const Options& options, const Numbers& numbers) {
  auto sequence = sequence_of(options);
  DatagramSequenceModel model(options);
  for (const std::uint64_t number : numbers) {
    ASSERT_EQ(receive(sequence, number), model.receive(number)) << number;
    ASSERT_EQ(sequence.counts(), model.counts()) << number;
  }
  sequence.finish();
  model.give_up_before(model.next());
  ASSERT_EQ(sequence.counts(), model.counts());
  expect_sums(sequence);
}

TEST(DatagramSequence, CountsEveryOrderAsTheModelDoes) {
  // Neighbours, copies, and numbers at both sides of words and windows of 64.
  for (Numbers numbers :
       {Numbers{0, 1, 2, 3, 4, 5, 6}, Numbers{0, 1, 1, 2, 3, 3, 5},
        Numbers{0, 1, 63, 64, 65, 127, 128}, Numbers{5, 60, 68, 69, 70, 133, 300},
        Numbers{0, 64, 128, 192, 256, 320, UINT64_MAX},
        Numbers{sequence_largest - 129, sequence_largest - 65, sequence_largest - 64,
                sequence_largest - 63, sequence_largest - 1, sequence_largest, UINT64_MAX}}) {
    std::ranges::sort(numbers);
    const std::uint64_t lowest = numbers.front();
    do {
      SCOPED_TRACE(testing::PrintToString(numbers));
      ASSERT_NO_FATAL_FAILURE(expect_as_model({.window_datagrams = 64}, numbers));
      ASSERT_NO_FATAL_FAILURE(
          expect_as_model({.window_datagrams = 64, .first_sequence = lowest + 1}, numbers));
    } while (std::ranges::next_permutation(numbers).found);
  }
}

// Mostly the next number; else one nearby, sometimes one far away.
std::uint64_t random_number(std::uint64_t next, std::uint64_t window, std::mt19937_64& random) {
  switch (random() % 16) {
    case 0:
      return next + random() % (window + window / 4);
    case 1:
    case 2:
      return next - random() % (window + window / 4);
    case 3:
    case 4:
      return next - random() % 8;
    case 5:
      return next + random() % 8;
    case 6:
      return random() % 64 == 0 ? next + (random() >> random() % 64) : next;
    default:
      return next;
  }
}

TEST(DatagramSequence, CountsWhatComesByChanceAsTheModelDoes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  for (int round = 0; round < 200; ++round) {
    Options options{.window_datagrams = 64u << random() % 4};
    if (random() % 2 == 0) options.first_sequence = random() >> random() % 64 & ~std::uint64_t{1};
    auto sequence = sequence_of(options);
    DatagramSequenceModel model(options);
    for (int step = 0; step < 1000; ++step) {
      const std::uint64_t next = sequence.next_sequence();
      const std::uint64_t number = random_number(next, options.window_datagrams, random);
      if (random() % 256 == 0) {
        // Not far ahead: what that loses has a test of its own.
        const std::uint64_t before = std::min(number, next + std::min(UINT64_MAX - next, 200ul));
        sequence.give_up_before(before);
        model.give_up_before(before);
      } else {
        ASSERT_EQ(receive(sequence, number), model.receive(number)) << number;
      }
      if (step % 16 == 0) {
        ASSERT_EQ(sequence.counts(), model.counts()) << step;
      }
    }
    ASSERT_EQ(sequence.counts(), model.counts());
    expect_sums(sequence);
  }
}

}  // namespace
}  // namespace weir::protocols
