// N15: what is said of the same cells under each congestion control.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/cell_table.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

CellSummary under(const char* control, CellSpec spec, Metric metric, double value,
                  const PathTraits& traits) {
  spec.congestion_control = control;
  return test::cell(std::move(spec), test::rounds_of(metric, {value, 1.01 * value}), traits);
}

/// Nagle's algorithm and TCP_NODELAY under one.
std::vector<CellSummary> flood(const char* control, double nagle_bytes, double nodelay_bytes) {
  const auto one = [&](WriteMode mode, double bytes) {
    return under(control, stream_cell("N15", 100, mode, milliseconds(1)), Metric::bytes_per_segment,
                 bytes, test::ethernet);
  };
  return {one(WriteMode::nagle, nagle_bytes), one(WriteMode::nodelay, nodelay_bytes)};
}

std::vector<CellSummary> dense(const char* control, double nagle_us, double nodelay_us) {
  const auto one = [&](WriteMode mode, double us) {
    return under(control, paced_cell("N15", microseconds(100), mode, milliseconds(1)),
                 Metric::p50_us, us, test::far_path);
  };
  return {one(WriteMode::nagle, nagle_us), one(WriteMode::nodelay, nodelay_us)};
}

std::vector<CellSummary> controlled_bulk(const char* control, double us) {
  CellSpec spec = paced_cell("N15", milliseconds(50), WriteMode::nodelay, milliseconds(1));
  spec.notsent_lowat_bytes = 16 << 10;
  spec.settling = milliseconds(4500);
  return {under(control, spec, Metric::p50_us, us, test::thin_path)};
}

std::vector<CellSummary> joined(const std::vector<std::vector<CellSummary>>& parts) {
  std::vector<CellSummary> cells;
  for (const auto& part : parts) cells.insert(cells.end(), part.begin(), part.end());
  return cells;
}

TEST(ControlFindings, SegmentsAreFilledUnderEachOnlyIfTheyAre) {
  test::expect_sentences(
      "N15",
      {{"each", joined({flood("cubic", 230, 103), flood("bbr", 240, 104)}), Outcome::expected,
        "cubic: 231 bytes a segment with Nagle's algorithm, 104 with TCP_NODELAY; bbr: 241"},
       {"the words for each", joined({flood("cubic", 230, 103), flood("bbr", 240, 104)}),
        Outcome::expected, "fills segments under each"},
       {"one leaves it open", joined({flood("cubic", 230, 103), flood("bbr", 240, 239)}),
        Outcome::not_shown, "under cubic. No difference was shown under bbr.", "under each"},
       {"one contradicts", joined({flood("cubic", 230, 103), flood("bbr", 103, 230)}),
        Outcome::opposite, "Under bbr it is the other way round, which it should not be.",
        "under each"},
       {"none", joined({flood("cubic", 230, 229), flood("reno", 240, 239)}), Outcome::not_shown,
        "shown under none. No difference was shown under cubic and reno."}});
}

TEST(ControlFindings, NodelayLosesUnderEachOnlyIfItDoes) {
  test::expect_sentences(
      "N15", {{"each", joined({dense("cubic", 6200, 11'800), dense("reno", 6200, 11'700)}),
               Outcome::expected, "TCP_NODELAY loses under each"},
              {"not with one", joined({dense("cubic", 6200, 11'800), dense("bbr", 6200, 6100)}),
               Outcome::not_shown, "TCP_NODELAY loses under cubic. No difference", "under each"},
              {"the other way", joined({dense("cubic", 6200, 11'800), dense("bbr", 6200, 3100)}),
               Outcome::opposite, "Under bbr it is the other way round", "under each"}});
}

TEST(ControlFindings, BbrLeavesTheQueueShortOnlyIfItDoes) {
  const auto with_bbr = [](double us) {
    return joined({controlled_bulk("cubic", 80'000), controlled_bulk("reno", 60'000),
                   controlled_bulk("bbr", us)});
  };

  test::expect_sentences(
      "N15", {{"shorter", with_bbr(20'000), Outcome::expected, "leaves its queue short"},
              {"the ages", with_bbr(20'000), Outcome::expected,
               "from 4.5 s on, by congestion control: cubic: 80.4 ms old"},
              {"as long as reno's", with_bbr(60'000), Outcome::not_shown,
               "No difference of bbr to reno was shown.", "short"},
              {"longer", with_bbr(120'000), Outcome::opposite,
               "With bbr it is older than with cubic and reno, which it should not be.", "short"}});
}

TEST(ControlFindings, WithoutBbrNothingIsSaidOfTheQueue) {
  const auto findings =
      findings_of(joined({controlled_bulk("cubic", 80'000), controlled_bulk("reno", 20'000)}));

  EXPECT_EQ(test::sentences(findings, "N15"), "");
}

TEST(ControlFindings, OneAloneSaysNothing) {
  const auto findings = findings_of(
      joined({flood("cubic", 230, 103), dense("cubic", 1, 2), controlled_bulk("cubic", 1)}));

  EXPECT_EQ(test::sentences(findings, "N15"), "");
}

TEST(ControlFindings, OtherSentencesAreAboutCellsThatDoNotVaryIt) {
  const std::vector<CellSummary> cells = flood("cubic", 230, 103);

  EXPECT_EQ(CellTable(cells).find("loopback", "N15", "100 B", WriteMode::nagle), nullptr);
  EXPECT_NE(CellTable(cells).find_sender("loopback", "N15", "100 B", "nagle, cubic"), nullptr);
}

}  // namespace
}  // namespace weir::tools::bench
