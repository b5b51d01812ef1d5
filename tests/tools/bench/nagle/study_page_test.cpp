// The page: what it says of the paths, and what it shows.
#include "tools/weir/bench/nagle/study_page.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/bench/nagle/made_up_cells.h"
#include "tools/weir/bench/nagle/cell_recipe.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;
using test::far_path;
using test::study;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(StudyPage, SaysWhatAPathIsAndWhatWasLeftOut) {
  StudyResult result = study({test::cell(
      exchange_cell("N2", {4, 60}, WriteMode::nagle, milliseconds(1)),
      {{{Metric::p50_us, 64'000}, {Metric::relay_late_us, 400}}}, far_path, "relay, RTT 10 ms")});
  result.left_out = {"virtual Ethernet: no rights"};

  const std::string page = study_page(result, "a machine", "weir bench nagle");

  EXPECT_THAT(page, AllOf(HasSubstr("## On relay, RTT 10 ms\n\nTwo network namespaces with a TUN"),
                          HasSubstr("## Left out\n\n- virtual Ethernet: no rights"),
                          HasSubstr("Measured by `weir bench nagle` on a machine.")));
}

TEST(StudyPage, SaysWhatIsCountedAndWhatIsOnlyGeneralKnowledge) {
  const std::string page = study_page(study({}), "", "");

  EXPECT_THAT(page,
              AllOf(HasSubstr("before a message is due, is for the sake of the measurement "
                              "and is not counted"),
                    HasSubstr("\n1. Write a message in one call"), HasSubstr("general knowledge")));
}

TEST(StudyPage, SaysWhatElseTheMachineDidAndThatItWasNoisy) {
  StudyResult result = study({});
  result.record = {
      .before = {.load_average = "0.10 0.10 0.10 1/99 1",
                 .pressure_cpu = "some avg10=1.00",
                 .stolen_ticks = 100},
      .after = {.load_average = "3.10 1.00 0.50 1/99 2",
                .pressure_cpu = "some avg10=9.00",
                .stolen_ticks = 100},
      .noise = {
          {.name = "load", .value = "3.10", .verdict = doctor::Verdict::will_hurt, .reason = {}}}};

  EXPECT_THAT(study_page(result, "", ""),
              AllOf(HasSubstr("Load average before: 0.10 0.10 0.10 1/99 1; after: 3.10 1.00"),
                    HasSubstr("CPU pressure before: some avg10=1.00; after: some avg10=9.00."),
                    HasSubstr("Taken by the hypervisor meanwhile: 0 ms."),
                    HasSubstr("Noisy here: load = 3.10 (weir bench doctor)")));
  EXPECT_THAT(study_page(study({}), "", ""), Not(HasSubstr("Noisy here")));
}

TEST(StudyPage, ShowsThePlotsThatAreBesideIt) {
  const CellSummary cell = test::cell(
      exchange_cell("N1", {4, 60}, WriteMode::nagle, milliseconds(1)), {{{Metric::p50_us, 40}}});

  EXPECT_THAT(study_page(study({cell}), "", ""), HasSubstr("(nagle-write-modes.svg)"));
}

}  // namespace
}  // namespace weir::tools::bench
