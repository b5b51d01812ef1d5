// An advice is backed by the numbers of the run, or says that it is not.
#include "tools/weir/bench/nagle/advice.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

CellSummary request(WriteMode mode, const std::vector<double>& times_us) {
  return test::cell(exchange_cell("N1", {4, 60}, mode, milliseconds(1)),
                    test::rounds_of(Metric::p50_us, times_us));
}

/// What is said of writing a message in one call.
std::string write_once(const std::vector<double>& nagle_us, const std::vector<double>& gather_us) {
  return to_text(advice_of(
      std::vector{request(WriteMode::nagle, nagle_us), request(WriteMode::gather, gather_us)})[0]);
}

TEST(Advice, SaysWhatItsNumbersShow) {
  struct Vector {
    const char* name;
    std::vector<double> nagle_us, gather_us;
    const char* words;
    bool is_general;
  };
  for (const Vector& v :
       {Vector{"shown",
               {44'000},
               {31},
               "\n   - shown: N1 on loopback, 4 + 60 B: 31 us by gather, 44.0 ms by nagle",
               false},
        Vector{"overlapping", {30, 44'000}, {31, 32}, "\n   - not shown: N1 on loopback", true},
        Vector{"the opposite", {31}, {44'000}, "\n   - the opposite: N1 on loopback", true}}) {
    SCOPED_TRACE(v.name);

    const std::string text = write_once(v.nagle_us, v.gather_us);

    EXPECT_THAT(text, HasSubstr(v.words));
    EXPECT_EQ(text.contains("general knowledge: no number of this run shows it"), v.is_general);
  }
}

TEST(Advice, IsGeneralKnowledgeWhereNothingWasMeasured) {
  for (const Advice& advice : advice_of({})) {
    EXPECT_THAT(to_text(advice), HasSubstr("That is general knowledge"));
  }
}

}  // namespace
}  // namespace weir::tools::bench
