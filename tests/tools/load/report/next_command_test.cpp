#include "tools/weir/load/report/next_command.h"

#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"

namespace weir::tools::load {
namespace {

TEST(NextCommand, FitsTheRun) {
  LoadReport open = example_open_report();
  open.errors = {};
  LoadReport without_goal = open;
  without_goal.slo = {};
  without_goal.requests.answered = without_goal.requests.offered;
  LoadReport failed_goal = open;
  failed_goal.slo.front().ok = false;
  LoadReport refused = example_report();
  refused.requests.answered = 0;
  LoadReport untrusted = open;
  untrusted.trust.back().ok = false;

  EXPECT_EQ(next_command(example_report()), "weir load tcp://127.0.0.1:9000 --rate 5000");
  EXPECT_EQ(next_command(open),
            "weir load sweep tcp://127.0.0.1:9000 --rates 5000,10k,20k --codec=len32");
  EXPECT_EQ(next_command(without_goal),
            "weir load find-max tcp://127.0.0.1:9000 --slo 'p99<500us' --codec=len32");
  EXPECT_EQ(next_command(failed_goal),
            "weir load find-max tcp://127.0.0.1:9000 --slo 'p99<2ms,err<0.1%' --codec=len32");
  EXPECT_EQ(next_command(refused), "weir load demo");
  EXPECT_EQ(next_command(untrusted), std::nullopt);
  EXPECT_EQ(next_command(example_datagram_report()), "weir load udp://127.0.0.1:9000 --rate 8100");
}

TEST(NextCommand, KeepsWhatTheMessagesAreAndQuotesIt) {
  LoadReport report = example_report();
  report.arguments = {"weir", "load",      "tcp://127.0.0.1:9000", "--closed", "-d",
                      "3s",   "--payload", "it's {seq}; rm -rf /", "-c",       "64"};

  EXPECT_EQ(
      next_command(report),
      "weir load tcp://127.0.0.1:9000 --rate 5000 --payload 'it'\\''s {seq}; rm -rf /' -c 64");
}

}  // namespace
}  // namespace weir::tools::load
