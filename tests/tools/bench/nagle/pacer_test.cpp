#include "tools/weir/bench/nagle/pacer.h"

#include <gtest/gtest.h>

#include "tools/weir/bench/nagle/thread_cpu.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::nanoseconds;

std::int64_t in(microseconds time) { return steady_now() + nanoseconds(time).count(); }

TEST(Pacer, IsNotEarly) {
  for (const microseconds time : {microseconds(30), microseconds(500)}) {
    Pacer pacer;
    const std::int64_t due = in(time);

    pacer.wait_until(due);

    EXPECT_GE(steady_now(), due);
  }
}

TEST(Pacer, KnowsWhatItSpun) {
  constexpr int waits = 200;
  Pacer pacer;
  const ThreadCpu cpu;

  for (int i = 0; i < waits; ++i) pacer.wait_until(in(microseconds(60)));

  EXPECT_EQ(pacer.sleeps(), 0U);
  EXPECT_GT(pacer.spun_cpu(), nanoseconds(0));
  EXPECT_LE(pacer.spun_cpu(), cpu.used());  // by how much is what reading the clocks costs
}

TEST(Pacer, CountsItsSleepsApartFromWhatItSpins) {
  constexpr int waits = 10;
  Pacer pacer;
  const std::int64_t start = steady_now();

  for (int i = 0; i < waits; ++i) pacer.wait_until(in(microseconds(5000)));

  EXPECT_EQ(pacer.sleeps(), static_cast<unsigned>(waits));
  EXPECT_LT(pacer.spun_cpu(), nanoseconds(steady_now() - start));
}

TEST(Pacer, DoesNothingForWhatIsOverdue) {
  Pacer pacer;

  pacer.wait_until(steady_now() - 1);

  EXPECT_EQ(pacer.sleeps(), 0U);
  EXPECT_EQ(pacer.spun_cpu(), nanoseconds(0));
}

}  // namespace
}  // namespace weir::tools::bench
