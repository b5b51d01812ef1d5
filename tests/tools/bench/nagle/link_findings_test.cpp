// Paths with a delay or a rate: each sentence follows the numbers, those that contradict theory
// too.
#include <string>
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
using test::thin_path;
using test::Values;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

CellSummary far_exchange(WriteMode mode, double p50_us, double stalls, double late_us = 10,
                         AckMode acks = AckMode::delayed) {
  CellSpec spec = exchange_cell("N2", {4, 60}, mode, milliseconds(1));
  spec.acks = acks;
  return test::cell(
      spec,
      {{{Metric::p50_us, p50_us}, {Metric::stalls, stalls}, {Metric::relay_late_us, late_us}}},
      far_path, "relay");
}

CellSummary quick_exchange(double p50_us) {
  return far_exchange(WriteMode::nagle, p50_us, 0, 10, AckMode::quick);
}

/// \param ages_us  the median of each round
CellSummary dense(const PathTraits& traits, const char* scenario, WriteMode mode,
                  const std::vector<double>& ages_us, double segments = 0.1) {
  std::vector<Values> rounds;
  for (const double age : ages_us) {
    rounds.push_back({{Metric::p50_us, age}, {Metric::segments_per_message, segments}});
  }
  return test::cell(paced_cell(scenario, microseconds(100), mode, milliseconds(1)), rounds, traits);
}

TEST(LinkFindings, ADelayedAcknowledgementFromAfarCostsARoundTripMore) {
  const auto findings = findings_of(std::vector{far_exchange(WriteMode::nagle, 64'000, 1),
                                                far_exchange(WriteMode::nodelay, 10'100, 0)});

  EXPECT_TRUE(are_expected(findings, "N2"));
  EXPECT_THAT(sentences(findings, "N2"),
              AllOf(HasSubstr("64.0 ms with Nagle's algorithm, 10.1 ms with TCP_NODELAY"),
                    HasSubstr("a round trip more"), HasSubstr("together 53.9 ms")));
}

TEST(LinkFindings, AMissingStallFromAfarIsSaid) {
  const auto findings = findings_of(std::vector{far_exchange(WriteMode::nagle, 20'000, 0),
                                                far_exchange(WriteMode::nodelay, 10'100, 0)});

  EXPECT_FALSE(are_expected(findings, "N2"));
  EXPECT_THAT(sentences(findings, "N2"), HasSubstr("no stall"));
}

TEST(LinkFindings, AStallOfAnotherLengthIsNotExplained) {
  const auto findings = findings_of(std::vector{far_exchange(WriteMode::nagle, 264'000, 1),
                                                far_exchange(WriteMode::nodelay, 10'100, 0)});

  EXPECT_EQ(test::outcome(findings, "N2"), Outcome::not_shown);
  EXPECT_THAT(sentences(findings, "N2"), HasSubstr("but not by a round trip and the 40 ms"));
}

TEST(LinkFindings, QuickAcknowledgementsLeaveTheExtraRoundTrip) {
  const CellSummary nodelay = far_exchange(WriteMode::nodelay, 10'100, 0);

  const auto as_expected = findings_of(std::vector{nodelay, quick_exchange(20'200)});
  const auto as_if_free = findings_of(std::vector{nodelay, quick_exchange(10'200)});
  const auto faster = findings_of(std::vector{nodelay, quick_exchange(9'000)});

  EXPECT_TRUE(are_expected(as_expected, "N2"));
  EXPECT_THAT(sentences(as_expected, "N2"), HasSubstr("the extra round trip is not"));
  EXPECT_FALSE(are_expected(as_if_free, "N2"));
  EXPECT_THAT(sentences(as_if_free, "N2"), HasSubstr("not the one extra round trip"));
  EXPECT_THAT(sentences(faster, "N2"), HasSubstr("1.1 ms less than TCP_NODELAY"));
}

TEST(LinkFindings, NoSentenceIsAboutACellWhoseRelayWasLate) {
  const std::vector<CellSummary> cells = {far_exchange(WriteMode::nagle, 64'000, 1, 501),
                                          far_exchange(WriteMode::nodelay, 10'100, 0, 500)};

  const auto findings = findings_of(cells);

  EXPECT_FALSE(cells[0].is_trusted());
  EXPECT_TRUE(cells[1].is_trusted());
  EXPECT_EQ(sentences(findings, "N2"), "");
  EXPECT_FALSE(are_expected(findings, "path"));
  EXPECT_THAT(sentences(findings, "path"),
              AllOf(HasSubstr("late by 501 us"), HasSubstr("Of 2 cells 1 cannot be trusted"),
                    HasSubstr("later than 500 us")));
}

TEST(LinkFindings, APunctualRelayIsSaidToo) {
  CellSummary cell = far_exchange(WriteMode::nagle, 64'000, 1);
  cell.rounds[0][std::to_underlying(Metric::relay_realtime)] = 1;

  const auto findings = findings_of(std::vector{cell});

  EXPECT_TRUE(are_expected(findings, "path"));
  EXPECT_THAT(sentences(findings, "path"),
              AllOf(HasSubstr("late by 10 us"), HasSubstr("dropped 0"), Not(HasSubstr("trusted")),
                    Not(HasSubstr("real-time"))));
}

TEST(LinkFindings, ARelayThatOthersCouldHoldUpSaysSo) {
  const auto findings = findings_of(std::vector{far_exchange(WriteMode::nagle, 64'000, 1)});

  EXPECT_THAT(sentences(findings, "path"), HasSubstr("It had no real-time priority."));
}

TEST(LinkFindings, NodelayLosesWhereTheNumbersSaySo) {
  const CellSummary nagle = dense(far_path, "N7", WriteMode::nagle, {6300, 6400, 6500});

  const auto loses = findings_of(
      std::vector{nagle, dense(far_path, "N7", WriteMode::nodelay, {9700, 9800, 9900}, 0.8)});
  const auto wins = findings_of(
      std::vector{nagle, dense(far_path, "N7", WriteMode::nodelay, {5000, 5100, 5200})});
  const auto unclear = findings_of(
      std::vector{nagle, dense(far_path, "N7", WriteMode::nodelay, {6200, 9800, 9900})});

  EXPECT_TRUE(are_expected(loses, "N7"));
  EXPECT_THAT(sentences(loses, "N7"),
              AllOf(HasSubstr("6.4 ms old with Nagle's algorithm"), HasSubstr("TCP_NODELAY loses"),
                    HasSubstr("window counts segments")));
  EXPECT_FALSE(are_expected(wins, "N7"));
  EXPECT_THAT(sentences(wins, "N7"),
              AllOf(HasSubstr("does not lose here"), Not(HasSubstr("window"))));
  EXPECT_FALSE(are_expected(unclear, "N7"));
  EXPECT_THAT(sentences(unclear, "N7"), HasSubstr("no difference was shown"));
}

std::vector<CellSummary> thin(const std::vector<double>& nodelay_ages_us, double segments) {
  return {dense(thin_path, "N8", WriteMode::nagle, {186, 187}),
          dense(thin_path, "N8", WriteMode::nodelay, nodelay_ages_us, segments),
          dense(thin_path, "N8", WriteMode::flush_io_uring, {400, 401})};
}

TEST(LinkFindings, TheWindowExplainsNothingWhereThereAreNoMoreSegments) {
  const auto findings =
      findings_of(std::vector{dense(far_path, "N7", WriteMode::nagle, {6300, 6400}, 0.8),
                              dense(far_path, "N7", WriteMode::nodelay, {9700, 9800}, 0.8)});

  EXPECT_EQ(test::outcome(findings, "N7"), Outcome::not_shown);
  EXPECT_THAT(sentences(findings, "N7"), HasSubstr("the window does not explain it"));
}

TEST(LinkFindings, AThinLinkFeelsTheHeadersIfThereAreMore) {
  test::expect_sentences("N8",
                         {{"more headers, and older", thin({736, 737}, 1), Outcome::expected,
                           "headers of more segments fill the link"},
                          {"older, and as many headers", thin({292, 293}, 0.11), Outcome::not_shown,
                           "headers do not explain the difference", "fill the link"},
                          {"older, and headers that fit", thin({736, 737}, 0.3), Outcome::not_shown,
                           "leave room on the link", "fill the link"},
                          {"more headers, and as old", thin({187, 188}, 1), Outcome::not_shown,
                           "no difference was shown", "fill the link"},
                          {"more headers, and younger", thin({80, 81}, 1), Outcome::opposite,
                           "does not lose here", "fill the link"},
                          {"what both take is said", thin({736, 737}, 1), Outcome::expected,
                           "5.6 and 10.4 Mbit/s, the messages alone 5.1; the link has 10"},
                          {"and what gathering does", thin({736, 737}, 1), Outcome::expected,
                           "by weir io_uring: 400 us old"}});
}

CellSummary corked(Autocorking choice, microseconds interval, double segments,
                   const std::vector<double>& ages_us) {
  CellSpec spec = paced_cell("N11", interval, WriteMode::nodelay, milliseconds(1));
  spec.autocorking = choice;
  std::vector<Values> rounds;
  for (const double age : ages_us) {
    rounds.push_back({{Metric::segments_per_message, segments}, {Metric::p50_us, age}});
  }
  return test::cell(spec, rounds, thin_path);
}

TEST(LinkFindings, AutocorkingMergesOnlyIfItDid) {
  const auto pair = [](microseconds interval, double segments, const std::vector<double>& ages) {
    return std::vector{corked(Autocorking::on, interval, segments, ages),
                       corked(Autocorking::off, interval, 0.94, {2300, 2400})};
  };
  const microseconds busy(100);
  const microseconds idle(200);

  test::expect_sentences(
      "N11",
      {{"merges", pair(busy, 0.3, {900, 910}), Outcome::expected,
        "in spite of TCP_NODELAY, and the messages are younger for it"},
       {"merges, at a price", pair(busy, 0.3, {9000, 9100}), Outcome::expected, "older for it"},
       {"no merging", pair(busy, 0.93, {2300, 2400}), Outcome::not_shown,
        "No difference in segments was shown.", "for it"},
       {"younger all the same", pair(busy, 0.93, {253, 254}), Outcome::not_shown,
        "so it does not explain that the messages were younger", "for it"},
       {"more segments", pair(busy, 2, {2300, 2400}), Outcome::opposite, "which it should not"},
       {"nothing to merge", pair(idle, 0.94, {2300, 2400}), Outcome::expected,
        "The link is not full: there is nothing to merge."},
       {"merges without need", pair(idle, 0.3, {900, 910}), Outcome::opposite,
        "though the link is not full", "device is busy"}});
}

CellSummary amid_bulk(std::size_t lowat, double p50_us) {
  CellSpec spec = paced_cell("N12", milliseconds(50), WriteMode::nodelay, milliseconds(1));
  spec.notsent_lowat_bytes = lowat;
  return test::cell(spec, {{{Metric::p50_us, p50_us}, {Metric::messages_per_s, 17'500}}},
                    thin_path);
}

TEST(LinkFindings, ABoundOnWhatIsUnsentMakesUrgentMessagesYounger) {
  const auto younger = findings_of(std::vector{amid_bulk(0, 160'000), amid_bulk(16 << 10, 40'000)});
  const auto older = findings_of(std::vector{amid_bulk(0, 40'000), amid_bulk(16 << 10, 160'000)});

  EXPECT_TRUE(are_expected(younger, "N12"));
  EXPECT_THAT(sentences(younger, "N12"),
              AllOf(HasSubstr("40.0 ms old"), HasSubstr("at 9.0 and 9.0 Mbit/s"),
                    HasSubstr("can be overtaken")));
  EXPECT_FALSE(are_expected(older, "N12"));
  EXPECT_THAT(sentences(older, "N12"), HasSubstr("which it should not"));
}

}  // namespace
}  // namespace weir::tools::bench
