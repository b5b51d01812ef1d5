// Which cells there are on which path.
#include "tools/weir/bench/nagle/scenarios.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

constexpr PathTraits small_loopback{.mtu = 1500};
constexpr PathTraits veth{.kind = PathKind::veth, .mtu = 1500};

std::vector<Scenario> scenarios(const PathTraits& path, Effort effort = Effort::quick,
                                std::vector<std::string> controls = {"cubic", "reno", "bbr"}) {
  return nagle_scenarios(path, {.effort = effort,
                                .duration = milliseconds(100),
                                .congestion_controls = std::move(controls)});
}

std::vector<std::string> ids(const PathTraits& path) {
  std::vector<std::string> ids;
  for (const Scenario& scenario : scenarios(path)) ids.push_back(scenario.id);
  return ids;
}

TEST(Scenarios, EachPathHasThoseThatMakeSenseThere) {
  EXPECT_THAT(ids({}), ElementsAre("N1", "N3", "N4", "N5", "N6", "N13", "N14"));
  EXPECT_EQ(ids(small_loopback), ids({}));
  EXPECT_THAT(ids(veth), ElementsAre("N1", "N5", "N6", "N10", "N15"));
  EXPECT_THAT(ids(test::thin_path), ElementsAre("N8", "N11", "N12", "N15"));
  EXPECT_THAT(ids(test::far_path), ElementsAre("N2", "N6", "N7", "N15"));
}

TEST(Scenarios, AWindowIsNoMatterWhereTheRoundTripIsShort) {
  PathTraits near = test::far_path;
  near.rtt = milliseconds(2);

  EXPECT_THAT(ids(near), ElementsAre("N2", "N6"));
}

// Cells are looked up by these, and the rows of a table have no more.
TEST(Scenarios, NoTwoCellsOfAPathAreCalledTheSame) {
  for (const PathTraits& path :
       {PathTraits{}, small_loopback, veth, test::thin_path, test::far_path}) {
    for (const Effort effort : {Effort::quick, Effort::full}) {
      std::set<std::string> names;
      for (const Scenario& scenario : scenarios(path, effort)) {
        for (const CellSpec& cell : scenario.cells) {
          EXPECT_EQ(cell.scenario, scenario.id);
          EXPECT_LE(cell.name.size(), 18U) << cell.name;
          EXPECT_LE(sender_text(cell).size(), 25U) << sender_text(cell);
          const std::string name = scenario.id + cell.name + sender_text(cell);
          EXPECT_TRUE(names.insert(name).second) << name;
        }
      }
    }
  }
}

TEST(Scenarios, AnExchangeFromAfarStallsOnlyBeyondTwoRoundTrips) {
  const std::vector<Scenario> far = scenarios(test::far_path);

  for (const CellSpec& cell : far.front().cells) {
    EXPECT_EQ(cell.stall_limit, 2 * test::far_path.rtt + stall_min);
  }
}

TEST(Scenarios, TheFullStudyHasBodiesOnBothSidesOfASegment) {
  std::vector<std::size_t> messages;
  for (const Scenario& scenario : scenarios(small_loopback, Effort::full)) {
    if (scenario.id != "N3") continue;
    for (const CellSpec& cell : scenario.cells) messages.push_back(cell.message_bytes());
  }

  for (const std::size_t bytes : {1447UL, 1448UL, 1449UL}) EXPECT_THAT(messages, Contains(bytes));
}

TEST(Scenarios, TheFullStudyHasBurstsFourWritesAndSingleBytes) {
  std::set<std::string> quick;
  std::set<std::string> full;
  for (const Scenario& scenario : scenarios(veth)) {
    for (const CellSpec& cell : scenario.cells) quick.insert(scenario.id + " " + cell.name);
  }
  for (const Scenario& scenario : scenarios(veth, Effort::full)) {
    for (const CellSpec& cell : scenario.cells) full.insert(scenario.id + " " + cell.name);
  }

  for (const char* const name : {"N1 4 x 16 B", "N5 1 B", "N6 8x64 B every 1 ms"}) {
    EXPECT_THAT(full, Contains(name));
    EXPECT_THAT(quick, Not(Contains(name)));
  }
}

TEST(Scenarios, EachControlledCellIsUnderEachCongestionControl) {
  for (const PathTraits& path : {veth, test::thin_path, test::far_path}) {
    std::map<std::string, std::vector<std::string>> controls;  // by what else a cell is
    for (const Scenario& scenario : scenarios(path)) {
      for (CellSpec cell : scenario.cells) {
        const std::string control = std::exchange(cell.congestion_control, {});
        if (scenario.id == "N15") {
          controls[cell.name + sender_text(cell)].push_back(control);
        } else {
          EXPECT_EQ(control, "");
        }
      }
    }

    EXPECT_GE(controls.size(), 2U);
    for (const auto& [cell, of_cell] : controls) {
      EXPECT_THAT(of_cell, ElementsAre("cubic", "reno", "bbr")) << cell;
    }
  }
}

TEST(Scenarios, ASingleCongestionControlIsNotVaried) {
  for (const PathTraits& path : {veth, test::thin_path, test::far_path}) {
    for (const Scenario& scenario : scenarios(path, Effort::full, {"reno"})) {
      EXPECT_NE(scenario.id, "N15");
    }
  }
}

// 64 B and 66 B of headers, 1040 bits: a little more than each rate carries.
TEST(Scenarios, SegmentsForEachMessageFillAThinLinkWhateverItsRate) {
  for (const std::uint64_t bits_per_s : {2'000'000U, 10'000'000U, 50'000'000U}) {
    PathTraits thin = test::thin_path;
    thin.bits_per_s = bits_per_s;

    const CellSpec cell = scenarios(thin).front().cells.front();

    const double seconds = std::chrono::duration<double>(cell.interval).count();
    EXPECT_NEAR(1040 / seconds / static_cast<double>(bits_per_s), 1.04, 0.01) << cell.name;
  }
}

TEST(Scenarios, BulkHasRoomBetweenUrgentMessagesAlsoOnASlowLink) {
  PathTraits slow = test::thin_path;
  slow.bits_per_s = 2'000'000;

  for (const Scenario& scenario : scenarios(slow)) {
    for (const CellSpec& cell : scenario.cells) {
      if (cell.bulk_bytes == 0) continue;
      const double bulk_s = 8.0 * static_cast<double>(cell.bulk_bytes) / 2e6;
      EXPECT_GE(std::chrono::duration<double>(cell.interval).count(), 3 * bulk_s) << cell.name;
    }
  }
}

TEST(Scenarios, CongestionControlsSettleOnALinkBeforeAgesCount) {
  const std::vector<std::string> both = {"cubic", "bbr"};
  int settled = 0;
  for (const Scenario& scenario :
       nagle_scenarios(test::thin_path, {.duration = 100ms, .congestion_controls = both})) {
    for (const CellSpec& cell : scenario.cells) {
      if (cell.settling.count() == 0) continue;
      ++settled;
      EXPECT_EQ(cell.settling, 2500ms) << "at 10 Mbit/s";
      EXPECT_GE(cell.duration, 3500ms) << cell.name;
    }
  }
  EXPECT_EQ(settled, 2);
}

TEST(Scenarios, TheTailIsHeldOnAConnectionThatHasSettled) {
  for (const Scenario& scenario : scenarios({})) {
    if (scenario.id != "N14") continue;
    ASSERT_EQ(scenario.cells.size(), 4U);
    for (const CellSpec& cell : scenario.cells) {
      EXPECT_GT(cell.exchanges_apart, first_exchanges);
      EXPECT_EQ(cell.messages_max, cell.exchanges_apart + 1);
    }
  }
}

TEST(SenderText, NamesWhatIsOutOfTheOrdinary) {
  CellSpec spec;
  EXPECT_EQ(sender_text(spec), "nagle");
  spec.acks = AckMode::quick;
  EXPECT_EQ(sender_text(spec), "nagle, quick ACKs");
  spec = CellSpec();
  spec.mode = WriteMode::nodelay;
  spec.autocorking = Autocorking::off;
  EXPECT_EQ(sender_text(spec), "nodelay, no autocork");
  spec = CellSpec();
  spec.mode = WriteMode::nodelay;
  spec.notsent_lowat_bytes = 16 << 10;
  EXPECT_EQ(sender_text(spec), "nodelay, lowat 16K");
  spec.congestion_control = "bbr";
  EXPECT_EQ(sender_text(spec), "nodelay, lowat 16K, bbr");
  spec = CellSpec();
  spec.mode = WriteMode::batch;
  spec.batch_bytes = 1448;
  spec.batch_delay = std::chrono::microseconds(100);
  EXPECT_EQ(sender_text(spec), "batch 1448 B, 100 us");
}

}  // namespace
}  // namespace weir::tools::bench
