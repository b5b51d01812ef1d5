// Which verdict and exit code a run gets when several apply.
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {
namespace {

using namespace std::chrono_literals;

/// The open-loop example without its timeouts.
LoadReport good_report() {
  LoadReport report = example_open_report();
  report.errors = {};
  report.requests.answered = report.requests.offered;
  report.requests.timed_out = 0;
  return report;
}

void make_untrusted(LoadReport& report) { report.trust.back().ok = false; }

TEST(Verdict, OfAGoodOpenLoop) {
  EXPECT_EQ(verdict_of(good_report()), Verdict::ok);
  EXPECT_EQ(verdict_word(good_report()), "ok");
  EXPECT_EQ(exit_code_of(good_report()), ExitCode::done);
  EXPECT_DOUBLE_EQ(offered_rate_of(good_report()), 10'000);
}

TEST(Verdict, WaitingForConnectionsIsSaturation) {
  LoadReport dropped = good_report();
  dropped.requests.offered = 103'000;
  dropped.requests.dropped = 3'000;
  LoadReport late = good_report();
  late.measured = 11s;
  for (int i = 0; i < 200'000; ++i) late.latency.connection_wait.record(900'000'000);
  LoadReport late_generator = good_report();
  late_generator.measured = 11s;

  EXPECT_EQ(verdict_of(dropped), Verdict::saturated);
  EXPECT_EQ(verdict_word(dropped), "saturated");
  EXPECT_EQ(exit_code_of(dropped), ExitCode::done);
  EXPECT_EQ(verdict_of(late), Verdict::saturated);
  EXPECT_EQ(verdict_of(late_generator), Verdict::ok);
}

TEST(Verdict, AFailedVetoIsUntrusted) {
  LoadReport report = good_report();
  make_untrusted(report);
  LoadReport noted = good_report();
  noted.trust.back().ok = false;
  noted.trust.back().weight = TrustWeight::note;

  EXPECT_EQ(verdict_of(report), Verdict::untrusted);
  EXPECT_EQ(verdict_word(report), "untrusted");
  EXPECT_EQ(exit_code_of(report), ExitCode::done);
  report.options.is_strict = true;
  EXPECT_EQ(exit_code_of(report), ExitCode::untrusted);
  EXPECT_EQ(verdict_of(noted), Verdict::ok);
}

TEST(Verdict, UntrustedOutranksAnObjective) {
  LoadReport report = good_report();
  report.slo.front().ok = false;

  EXPECT_EQ(verdict_of(report), Verdict::slo_failed);
  EXPECT_EQ(verdict_word(report), "failed");
  EXPECT_EQ(exit_code_of(report), ExitCode::slo_failed);
  make_untrusted(report);
  EXPECT_EQ(verdict_of(report), Verdict::untrusted);
  EXPECT_EQ(exit_code_of(report), ExitCode::slo_failed);
  report.options.is_strict = true;
  EXPECT_EQ(exit_code_of(report), ExitCode::untrusted);
}

TEST(Verdict, AnObjectiveOnErrorsAllowsThem) {
  LoadReport report = example_open_report();

  EXPECT_EQ(verdict_of(report), Verdict::ok);
  EXPECT_EQ(exit_code_of(report), ExitCode::done);
  report.slo.back().ok = false;
  EXPECT_EQ(verdict_of(report), Verdict::failed);
  EXPECT_EQ(exit_code_of(report), ExitCode::slo_failed);
  report.slo.clear();
  EXPECT_EQ(exit_code_of(report), ExitCode::run_failed);
}

TEST(Verdict, AbortedRunsHaveTheirOwnCode) {
  LoadReport report = good_report();
  report.aborted = true;
  make_untrusted(report);
  report.options.is_strict = true;

  EXPECT_EQ(verdict_of(report), Verdict::failed);
  EXPECT_EQ(exit_code_of(report), ExitCode::aborted);
}

TEST(Verdict, ExitCodesAreWhatScriptsKnow) {
  EXPECT_EQ(to_int(ExitCode::slo_failed), 4);
  EXPECT_EQ(to_int(ExitCode::aborted), 5);
  EXPECT_EQ(to_int(ExitCode::untrusted), 6);
  EXPECT_EQ(to_int(ExitCode::slower), 7);
}

}  // namespace
}  // namespace weir::tools::load
