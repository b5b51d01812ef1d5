// What is said of one rate of a thin path beside another.
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;

CellSummary urgent_at(std::uint64_t mbit_per_s, double p50_us, const char* path) {
  CellSpec spec = paced_cell("N12", milliseconds(50), WriteMode::nodelay, milliseconds(1));
  spec.notsent_lowat_bytes = 16 << 10;
  PathTraits traits = test::thin_path;
  traits.bits_per_s = mbit_per_s * 1'000'000;
  return test::cell(spec, {{{Metric::p50_us, p50_us}}}, traits, path);
}

TEST(RateFindings, ASlowerLinkIsComparedWithTheNextFaster) {
  const auto with = [](double slow_us) {
    return std::vector{urgent_at(2, slow_us, "slow"), urgent_at(10, 80'000, "usual"),
                       urgent_at(50, 16'000, "fast")};
  };

  test::expect_sentences(
      "N12", {{"longer", with(400'000), Outcome::expected,
               "400.0 ms old at 2 Mbit/s, 80.0 ms at 10 Mbit/s: both links queue as many bytes"},
              {"the others", with(400'000), Outcome::expected, "at 10 Mbit/s, 16.0 ms at 50"},
              {"as long", with(80'000), Outcome::not_shown, "no difference was shown"},
              {"shorter", with(20'000), Outcome::opposite, "which it should not be"}});
}

TEST(RateFindings, OneRateAloneSaysNothing) {
  EXPECT_EQ(test::sentences(findings_of(std::vector{urgent_at(10, 80'000, "usual")}), "N12"), "");
}

}  // namespace
}  // namespace weir::tools::bench
