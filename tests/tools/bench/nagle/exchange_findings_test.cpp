// Requests and answers: each sentence with numbers that agree with theory, that contradict it, and
// that leave it open.
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::expect_sentences;
using test::Values;

CellSummary exchange(const char* scenario, WriteMode mode, std::vector<std::size_t> parts,
                     const std::vector<Values>& rounds, AckMode acks = AckMode::delayed) {
  CellSpec spec = exchange_cell(scenario, std::move(parts), mode, milliseconds(1));
  spec.acks = acks;
  return test::cell(spec, rounds, test::ethernet);
}

std::vector<CellSummary> with_quick_acks(double delayed_stalls, double quick_stalls) {
  const auto cell = [](double stalls, AckMode acks) {
    return exchange("N1", WriteMode::nagle, {4, 60},
                    {{{Metric::stalls, stalls}, {Metric::p50_us, 40}}}, acks);
  };
  return {cell(delayed_stalls, AckMode::delayed), cell(quick_stalls, AckMode::quick)};
}

TEST(ExchangeFindings, QuickAcknowledgementsEndTheStallIfTheyDid) {
  expect_sentences(
      "N1", {{"ends it", with_quick_acks(1, 0), Outcome::expected, "ends the stall"},
             {"does not", with_quick_acks(1, 1), Outcome::opposite,
              "does not end the stall, as it should: 100 %", "ends the stall"},
             {"in part", with_quick_acks(1, 0.5), Outcome::not_shown, "50 % of the exchanges"},
             {"some to end", with_quick_acks(0.5, 0), Outcome::not_shown,
              "50 % of the exchanges stalled without it", "had no stall to end"},
             {"none to end", with_quick_acks(0, 0), Outcome::not_shown, "had no stall to end",
              "ends the stall"}});
}

std::vector<CellSummary> stalls(double nagle, double nodelay, double first_us = 300) {
  return {exchange("N1", WriteMode::nagle, {4, 60},
                   {{{Metric::stalls, nagle}, {Metric::first_us, first_us}}}),
          exchange("N1", WriteMode::nodelay, {4, 60},
                   {{{Metric::stalls, nodelay}, {Metric::segments_per_message, 2}}})};
}

TEST(ExchangeFindings, AStallIsOneOfNagleOnlyIfTheOtherHasNone) {
  expect_sentences("N1",
                   {{"nagle alone", stalls(1, 0), Outcome::expected, "acknowledges those at once"},
                    {"both", stalls(1, 0.5), Outcome::opposite, "what waits here is something else",
                     "held until"},
                    {"in part", stalls(0.5, 0), Outcome::not_shown, "50 % of the exchanges only"},
                    {"from the first on", stalls(1, 0, 40'000), Outcome::expected,
                     "should acknowledge those at once, and did not"}});
}

TEST(ExchangeFindings, WhatDidNotEndTheStallIsNamed) {
  const auto gathered = [](double stalls, double segments) {
    return std::vector{
        exchange("N1", WriteMode::gather, {4, 60},
                 {{{Metric::stalls, stalls}, {Metric::segments_per_message, segments}}})};
  };

  expect_sentences("N1", {{"ends it", gathered(0, 1), Outcome::expected, "None of these stalled."},
                          {"only what was measured", gathered(0, 1), Outcome::expected,
                           "These make one segment of both parts.", "TCP_NODELAY"},
                          {"stalls", gathered(0.9, 1), Outcome::opposite,
                           "stalled all the same: gather.", "None of these"},
                          {"two segments", gathered(0, 2), Outcome::opposite, "not so: gather.",
                           "the others make one"}});
}

TEST(ExchangeFindings, FourWritesWaitOnceIfTheyDid) {
  const auto pair = [](double segments, double p50_us) {
    const auto cell = [](WriteMode mode, double count, double time_us) {
      return exchange("N1", mode, {16, 16, 16, 16},
                      {{{Metric::segments_per_message, count}, {Metric::p50_us, time_us}}});
    };
    return std::vector{cell(WriteMode::nagle, segments, p50_us), cell(WriteMode::nodelay, 4, 50)};
  };

  expect_sentences(
      "N1", {{"joins and waits", pair(2, 44'000), Outcome::expected,
              "takes 44.0 ms and 2.0 segments with Nagle's algorithm, 50 us and 4.0 segments with "
              "TCP_NODELAY: the algorithm joins what it holds"},
             {"no wait", pair(2, 50), Outcome::not_shown,
              "joins what it holds, and that the request waits once was not shown"},
             {"no joining", pair(4, 44'000), Outcome::not_shown,
              "joins some was not shown, and the request waits.", "joins what"},
             {"more segments", pair(8, 44'000), Outcome::opposite, "does the opposite"}});
}

/// Bodies of one write after another of 4 B, and the shares that stall.
std::vector<CellSummary> bodies(const std::vector<std::pair<std::size_t, double>>& shares) {
  std::vector<CellSummary> cells;
  for (const auto& [bytes, share] : shares) {
    cells.push_back(exchange("N3", WriteMode::nagle, {4, bytes}, {{{Metric::stalls, share}}}));
  }
  return cells;
}

TEST(ExchangeFindings, EveryBodySizeIsHeldAgainstTheory) {
  expect_sentences(
      "N3",
      {{"as theory has it", bodies({{2000, 0}, {1000, 1}}), Outcome::expected,
        "4 + 1000 B: 100 % (p50 0 us), 4 + 2000 B: 0 % (p50 0 us). A body smaller than a segment, "
        "1448 B here, waits"},
       {"a small one at times", bodies({{1000, 0.47}, {2000, 0}}), Outcome::not_shown,
        "not so 4 + 1000 B in 47 % of the exchanges, where nearly all should", "waits; one"},
       {"a small one never", bodies({{1000, 0}, {2000, 0}}), Outcome::opposite,
        "4 + 1000 B in 0 % of the exchanges, where nearly all should"},
       {"a large one", bodies({{1000, 1}, {2000, 1}}), Outcome::opposite,
        "4 + 2000 B in 100 % of the exchanges, where none should"},
       {"one byte below a segment", bodies({{1447, 1}, {1448, 0}}), Outcome::expected, "waits"},
       {"only small ones", bodies({{1000, 1}}), Outcome::expected, "was not measured",
        "one that fills it does not"}});
}

std::vector<CellSummary> single_writes(const std::vector<double>& nagle_us,
                                       const std::vector<double>& nodelay_us, double stalls = 0) {
  std::vector<Values> rounds = test::rounds_of(Metric::p50_us, nagle_us);
  for (Values& round : rounds) round.emplace_back(Metric::stalls, stalls);
  return {exchange("N4", WriteMode::nagle, {64}, rounds),
          exchange("N4", WriteMode::nodelay, {64}, test::rounds_of(Metric::p50_us, nodelay_us))};
}

TEST(ExchangeFindings, OneWriteIsAsFastEitherWayOnlyIfItWas) {
  const char* const equal = "costs a single write nothing";
  expect_sentences(
      "N4", {{"equal", single_writes({27, 28}, {28, 31}), Outcome::expected, equal},
             {"slower, below a stall", single_writes({9000, 9100}, {30, 31}), Outcome::opposite,
              "slower, which it should not", equal},
             {"faster", single_writes({10, 11}, {30, 31}), Outcome::opposite, "faster", equal},
             {"open", single_writes({20, 60, 61}, {19, 20, 30}), Outcome::not_shown,
              "was not shown that they are equal", equal},
             {"stalls", single_writes({44'000}, {30}, 1), Outcome::opposite, "it stalls", equal}});
}

std::vector<CellSummary> pipelined(unsigned depth, double nagle, double nodelay, double weir) {
  std::vector<CellSummary> cells;
  for (const auto& [mode, segments] :
       {std::pair(WriteMode::nagle, nagle), std::pair(WriteMode::nodelay, nodelay),
        std::pair(WriteMode::flush_io_uring, weir)}) {
    cells.push_back(exchange("N13", mode, {64}, {{{Metric::segments_per_message, segments}}}));
    cells.back().spec.depth = depth;
  }
  return cells;
}

TEST(ExchangeFindings, APipelineIsGatheredIfItWas) {
  expect_sentences(
      "N13",
      {{"both gather", pipelined(4, 0.5, 1, 0.25), Outcome::expected, "the algorithm gathers"},
       {"not the algorithm", pipelined(4, 1, 1, 0.25), Outcome::not_shown,
        "no difference in segments was shown", "the algorithm gathers"},
       {"not the runtime", pipelined(4, 0.5, 1, 1), Outcome::not_shown, "the algorithm gathers",
        "leaves together"},
       {"told of the runtime", pipelined(4, 0.5, 1, 1), Outcome::not_shown,
        "no difference to a call each was shown"},
       {"more segments", pipelined(4, 1.5, 1, 0.25), Outcome::opposite, "which it should not"},
       {"more by the runtime", pipelined(4, 0.5, 1, 2), Outcome::opposite,
        "more segments than a call each makes"},
       {"one under way", pipelined(1, 1, 1, 1), Outcome::expected, "nothing to gather"},
       {"one, and gathered", pipelined(1, 0.5, 1, 1), Outcome::opposite,
        "where there is nothing to gather"}});
}

std::vector<CellSummary> tails(const std::vector<double>& open_us,
                               const std::vector<double>& ended_us) {
  const auto cell = [](const char* name, const std::vector<double>& times_us) {
    std::vector<Values> rounds;
    for (const double us : times_us) {
      rounds.push_back({{Metric::p50_us, us}, {Metric::stalls, us > 30'000 ? 1 : 0}});
    }
    CellSummary made = exchange("N14", WriteMode::nagle, {4, 60}, rounds);
    made.spec.name = name;
    return made;
  };
  return {cell("4 + 60 B", open_us), cell("4 + 60 B, then FIN", ended_us)};
}

TEST(ExchangeFindings, TheFinReleasesWhatIsHeldIfBothNumbersSaySo) {
  const char* const releases = "the FIN releases what Nagle's algorithm holds";
  expect_sentences(
      "N14", {{"releases", tails({44'000, 44'100}, {60, 70}), Outcome::expected, releases},
              {"both numbers", tails({44'000, 44'000}, {60, 60}), Outcome::expected,
               "44.0 ms while the stream stays open, 60 us when its end follows at once"},
              {"does not", tails({44'000, 44'100}, {44'000, 44'050}), Outcome::opposite,
               "the FIN waits behind", releases},
              {"nothing was held", tails({60, 70}, {60, 70}), Outcome::not_shown,
               "nothing was held", releases},
              {"stalls by the end", tails({60, 70}, {44'000, 44'100}), Outcome::opposite,
               "brings a stall", releases},
              {"rounds disagree", tails({44'000, 44'000, 60}, {50, 60, 70}), Outcome::not_shown,
               "the rounds disagree", releases},
              {"the end is later at times", tails({44'000, 60}, {50'000, 50'000}),
               Outcome::not_shown, "the rounds disagree", releases}});
}

}  // namespace
}  // namespace weir::tools::bench
