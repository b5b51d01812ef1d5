// Messages one way: what is said of ages and segments follows the numbers.
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using test::are_expected;
using test::far_path;
using test::sentences;
using ::testing::AllOf;
using ::testing::HasSubstr;

CellSummary paced(microseconds interval, WriteMode mode, double p50_us, double segments) {
  return test::cell(paced_cell("N6", interval, mode, milliseconds(1)),
                    {{{Metric::p50_us, p50_us}, {Metric::segments_per_message, segments}}},
                    far_path);
}

TEST(StreamFindings, NagleSendsOnceARoundTrip) {
  const microseconds often(1000);

  const auto older = findings_of(std::vector{paced(often, WriteMode::nagle, 10'500, 0.1),
                                             paced(often, WriteMode::nodelay, 5100, 1)});
  const auto equal = findings_of(std::vector{paced(often, WriteMode::nagle, 5100, 1),
                                             paced(often, WriteMode::nodelay, 5100, 1)});

  EXPECT_TRUE(are_expected(older, "N6"));
  EXPECT_THAT(sentences(older, "N6"),
              AllOf(HasSubstr("10.5 ms old"), HasSubstr("1.0 segments a round trip"),
                    HasSubstr("What is written while a segment is unacknowledged waits")));
  EXPECT_FALSE(are_expected(equal, "N6"));
  EXPECT_THAT(sentences(equal, "N6"), HasSubstr("No difference in age was shown"));
}

TEST(StreamFindings, NagleMakesNoDifferenceToWhatIsWrittenLessOftenThanARoundTrip) {
  const microseconds seldom(20'000);

  const auto equal = findings_of(std::vector{paced(seldom, WriteMode::nagle, 5100, 1),
                                             paced(seldom, WriteMode::nodelay, 5100, 1)});
  const auto older = findings_of(std::vector{paced(seldom, WriteMode::nagle, 10'500, 1),
                                             paced(seldom, WriteMode::nodelay, 5100, 1)});

  EXPECT_TRUE(are_expected(equal, "N6"));
  EXPECT_FALSE(are_expected(older, "N6"));
}

TEST(StreamFindings, AMachineOfItsOwnIsFasterThanTheNextWrite) {
  const auto pair = [](const std::vector<double>& ages) {
    const auto cell = [](WriteMode mode, const std::vector<double>& of) {
      return test::cell(paced_cell("N6", microseconds(100), mode, milliseconds(1)),
                        test::rounds_of(Metric::p50_us, of));
    };
    return std::vector{cell(WriteMode::nagle, ages), cell(WriteMode::nodelay, {30, 31, 32})};
  };

  test::expect_sentences(
      "N6", {{"equal", pair({31, 32, 33}), Outcome::expected, "is acknowledged when the next"},
             {"open", pair({31, 60, 61}), Outcome::not_shown, "No difference in age was shown."},
             {"older", pair({90, 91, 92}), Outcome::opposite, "older, which it should not"},
             {"younger", pair({10, 11, 12}), Outcome::opposite, "younger, which it should not"}});
}

TEST(StreamFindings, ABusyMachineMayBeSlowerThanTheNextWrite) {
  const auto cells = [](double round_trip_us) {
    const auto cell = [](const CellSpec& spec, double p50_us) {
      return test::cell(spec, {{{Metric::p50_us, p50_us}}});
    };
    const milliseconds duration(1);
    return std::vector{
        cell(exchange_cell("N1", {4, 60}, WriteMode::nodelay, duration), round_trip_us),
        cell(paced_cell("N6", microseconds(100), WriteMode::nagle, duration), 90),
        cell(paced_cell("N6", microseconds(100), WriteMode::nodelay, duration), 30)};
  };

  test::expect_sentences("N6", {{"fast", cells(30), Outcome::opposite, "a round trip is over"},
                                {"busy", cells(130), Outcome::expected,
                                 "while a segment is unacknowledged waits", "should not"}});
}

TEST(StreamFindings, ABurstIsJoinedIfItWas) {
  const auto pair = [](double segments, double p50_us) {
    const auto cell = [](WriteMode mode, double count, double age) {
      return test::cell(burst_cell("N6", 8, milliseconds(1), mode, milliseconds(1)),
                        {{{Metric::segments_per_message, count}, {Metric::p50_us, age}}});
    };
    return std::vector{cell(WriteMode::nagle, segments, p50_us), cell(WriteMode::nodelay, 1, 50)};
  };

  test::expect_sentences(
      "N6",
      {{"joined", pair(0.25, 90), Outcome::expected,
        "8x64 B every 1 ms one way: 0.25 segments a message and 90 us old with Nagle's "
        "algorithm, 1.00 and 50 us with TCP_NODELAY: it joins what is written together, and "
        "they are older with it."},
       {"not", pair(1, 50), Outcome::not_shown,
        "no difference in segments was shown, and no difference in age was shown"},
       {"more", pair(2, 20), Outcome::opposite, "which it should not, and they are younger"}});
}

struct Flood {
  WriteMode mode;
  double bytes_a_segment;
  std::vector<double> rates;
  double merged = 0.5;
  double cut = 0;
};

std::vector<CellSummary> floods(std::size_t bytes, const std::vector<Flood>& floods) {
  std::vector<CellSummary> cells;
  for (const Flood& flood : floods) {
    std::vector<test::Values> rounds;
    for (const double rate : flood.rates) {
      rounds.push_back({{Metric::bytes_per_segment, flood.bytes_a_segment},
                        {Metric::messages_per_s, rate},
                        {Metric::merged_reads, flood.merged},
                        {Metric::cut_messages, flood.cut}});
    }
    cells.push_back(
        test::cell(stream_cell("N5", bytes, flood.mode, milliseconds(1)), rounds, test::ethernet));
  }
  return cells;
}

TEST(StreamFindings, AFloodIsSaidToFillSegmentsIfItDoes) {
  const auto nagle = [](double bytes) { return Flood{WriteMode::nagle, bytes, {500, 520}}; };
  const Flood nodelay{WriteMode::nodelay, 17, {200, 210}};

  test::expect_sentences(
      "N5", {{"fuller", floods(16, {nagle(99), nodelay}), Outcome::expected,
              "the algorithm fills them; 2.5 times as many messages a second with it"},
             {"as full", floods(16, {nagle(18), nodelay}), Outcome::not_shown,
              "although several would fit", "fills them"},
             {"emptier", floods(16, {nagle(8), nodelay}), Outcome::opposite, "which it should not",
              "fills them"},
             {"too large for two", floods(1000, {nagle(18), nodelay}), Outcome::expected,
              "no two would fit"}});
}

TEST(StreamFindings, ARatioOfTheRuntimeNeedsRoundsThatDoNotOverlap) {
  const auto with = [](const std::vector<double>& rates) {
    return floods(16, {{WriteMode::nagle, 99, {500, 520}},
                       {WriteMode::nodelay, 17, {200, 210, 220}},
                       {WriteMode::flush_io_uring, 1446, rates}});
  };

  test::expect_sentences(
      "N5", {{"more", with({2100, 2110}), Outcome::expected,
              "10.0 times as many messages a second as with one call each"},
             {"overlapping", with({215, 2100, 2110}), Outcome::not_shown,
              "no difference in messages a second to one call each was shown", "10.0 times"},
             {"fewer", with({100, 110}), Outcome::opposite,
              "2.0 times as many with one call each, which should not be"}});
}

std::vector<CellSummary> reads(double nagle, double nodelay, double nagle_cut = 0,
                               double nodelay_cut = 0) {
  return floods(16, {{WriteMode::nagle, 99, {1}, nagle, nagle_cut},
                     {WriteMode::nodelay, 17, {1}, nodelay, nodelay_cut}});
}

TEST(StreamFindings, MessagesAreSaidToStickTogetherWhereTheyDid) {
  test::expect_sentences(
      "N9", {{"both", reads(0.99, 0.18), Outcome::expected,
              "16 B: 99 % and 18 %. Messages stick together either way"},
             {"one", reads(0.41, 0), Outcome::not_shown,
              "hardly any did here of 16 B with TCP_NODELAY", "either way"},
             {"none", reads(0, 0.004), Outcome::opposite, "None stuck together here", "either way"},
             {"fewer with Nagle", reads(0.1, 0.5), Outcome::opposite,
              "fewer did, which should be more: 16 B"}});
}

TEST(StreamFindings, CutMessagesAreSaidWhereThereWereSome) {
  test::expect_sentences(
      "N9",
      {{"none", reads(0.9, 0.5), Outcome::expected, "Hardly any was cut here"},
       {"some", reads(0.9, 0.5, 0.3, 0), Outcome::expected,
        "likewise: 16 B: 30 % and 0 %. One that brings a part", "Hardly any was cut"},
       {"both", reads(0.9, 0.5, 0.3, 0.2), Outcome::expected, "A read is a message neither way"}});
}

std::vector<CellSummary> batches(double segments) {
  const auto values = [](double count) {
    return std::vector<test::Values>{{{Metric::segments_per_message, count}}};
  };
  const microseconds interval(20);
  return {
      test::cell(paced_cell("N10", interval, WriteMode::nodelay, milliseconds(1)), values(1)),
      test::cell(batch_cell("N10", interval, milliseconds(1), milliseconds(1)), values(segments))};
}

TEST(StreamFindings, AnApplicationThatGathersSavesSegmentsIfItDid) {
  const auto saves = findings_of(batches(0.05));
  const auto does_not = findings_of(batches(0.95));
  const auto reversed = findings_of(batches(1.5));

  EXPECT_TRUE(are_expected(saves, "N10"));
  EXPECT_THAT(sentences(saves, "N10"), AllOf(HasSubstr("batch 1448 B, 1.0 ms: 0.05 segments"),
                                             HasSubstr("has few segments")));
  EXPECT_FALSE(are_expected(does_not, "N10"));
  EXPECT_THAT(sentences(does_not, "N10"), HasSubstr("these numbers do not show it"));
  EXPECT_EQ(test::outcome(reversed, "N10"), Outcome::opposite);
  EXPECT_THAT(sentences(reversed, "N10"), HasSubstr("has more segments, which it should not"));
}

}  // namespace
}  // namespace weir::tools::bench
