// What this host must show, or the study is worth nothing here.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::far_path;
using test::thin_path;
using ::testing::HasSubstr;

CellSummary far_exchange_of(WriteMode mode, double p50_us, double stalls, double late_us = 0) {
  CellSpec spec = exchange_cell("N2", {4, 60}, mode, milliseconds(1));
  spec.stall_limit = milliseconds(50);
  return test::cell(
      spec,
      {{{Metric::p50_us, p50_us}, {Metric::stalls, stalls}, {Metric::relay_late_us, late_us}}},
      far_path, "relay");
}

std::string problem_of(const std::vector<CellSummary>& cells) {
  return self_check(cells).value_or("");
}

TEST(SelfCheck, AFarPathHasToStallAsWell) {
  const CellSummary nodelay = far_exchange_of(WriteMode::nodelay, 10'100, 0);

  EXPECT_EQ(problem_of({far_exchange_of(WriteMode::nagle, 64'000, 1), nodelay}), "");
  EXPECT_THAT(problem_of({far_exchange_of(WriteMode::nagle, 20'000, 0), nodelay}),
              HasSubstr("relay: two small writes with Nagle's algorithm must wait for a delayed "
                        "acknowledgement of 40 ms, but 0 % of the exchanges took over 50 ms"));
}

TEST(SelfCheck, ALateRelayIsNoFaultOfTheHostsTcp) {
  EXPECT_EQ(problem_of({far_exchange_of(WriteMode::nagle, 20'000, 0, 600)}), "");
}

TEST(SelfCheck, NothingIsFasterThanItsPath) {
  CellSpec flood = stream_cell("N8", 64, WriteMode::nodelay, milliseconds(1));

  EXPECT_THAT(problem_of({far_exchange_of(WriteMode::nodelay, 9900, 0)}),
              HasSubstr("less than the round-trip time"));
  EXPECT_THAT(problem_of({test::cell(flood, {{{Metric::messages_per_s, 21'000}}}, thin_path)}),
              HasSubstr("10.8 Mbit/s of messages came over it, more than its rate"));
  EXPECT_EQ(problem_of({test::cell(flood, {{{Metric::messages_per_s, 19'000}}}, thin_path)}), "");
}

}  // namespace
}  // namespace weir::tools::bench
