#include "tools/weir/load/kernel/host_sampler.h"

#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <thread>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools::load {
namespace {

using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using namespace std::chrono_literals;

constexpr TimePoint start{1h};

Target target_of(const char* text) { return parse_target(text).value(); }

std::string process_stat(int ticks) {
  return fmt::format("812 (echo) S 1 812 812 0 -1 4194560 100 0 0 0 {} 0 0 0 20 0 1 0 99 0\n",
                     ticks);
}

/// A machine on which process 812 listens on port 9000.
FakeSystem& with_server(FakeSystem& system, const char* cpus) {
  const std::string row =
      "   0: 0100007F:2328 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 "
      "11 1 000000002d530146 100 0 0 10 0\n";
  return system.with("proc/net/tcp", "  sl  local_address\n" + row)
      .with_link("proc/812/fd/3", "socket:[11]")
      .with("proc/812/stat", process_stat(100))
      .with("proc/812/task/812/status", fmt::format("Cpus_allowed_list:\t{}\n", cpus))
      .with("proc/self/task/77/status", "Cpus_allowed_list:\t1\n");
}

/// Uses processor time of the calling thread.
void work_for(std::chrono::nanoseconds time) {
  const ShardThread self = ShardThread::current();
  const auto end = *self.cpu_time() + time;
  while (*self.cpu_time() < end) {
  }
}

TEST(HostSampler, TellsWhatHappenedBetweenBeginAndEnd) {
  FakeSystem system;
  system.with("proc/stat", "cpu  1000 0 0 0 0 0 0 10\n")
      .with("proc/pressure/cpu", "some avg10=0.00 total=5000000\n")
      .with("proc/net/netstat", "TcpExt: TCPTimeouts ListenDrops\nTcpExt: 3 4\n");
  with_server(system, "0");
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {ShardThread{.tid = 77}});
  sampler.begin(start, {});

  system.with("proc/stat", "cpu  1100 0 0 90 0 0 0 20\n").with("proc/812/stat", process_stat(150));
  const HostSecond second = sampler.sample(start + 1s, {});
  system.with("proc/stat", "cpu  1200 0 0 180 0 0 0 30\n")
      .with("proc/pressure/cpu", "some avg10=0.00 total=5500000\n")
      .with("proc/net/netstat", "TcpExt: TCPTimeouts ListenDrops\nTcpExt: 5 4\n")
      .with("proc/812/stat", process_stat(175));
  const HostUse use = sampler.end(start + 2s, {});

  const double ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  EXPECT_DOUBLE_EQ(second.steal_share, 0.05);
  EXPECT_THAT(second.server_cpu_share, Optional(50 / ticks));
  EXPECT_DOUBLE_EQ(use.steal_share.value_or(0), 0.05);
  EXPECT_THAT(use.cpu_pressure_share, Optional(0.25));
  EXPECT_THAT(use.server_pid, Optional(812));
  EXPECT_THAT(use.server_cpu_share, Optional(75 / ticks / 2));
  EXPECT_THAT(use.shares_cpus, Optional(false));
  ASSERT_THAT(use.counters, SizeIs(1));
  EXPECT_EQ(use.counters[0].name, "TcpExt.TCPTimeouts");
  EXPECT_EQ(use.counters[0].change, 2U);
}

TEST(HostSampler, SeesThatProcessorsAreShared) {
  FakeSystem system;
  with_server(system, "0-1");
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {ShardThread{.tid = 77}});

  sampler.begin(start, {});

  EXPECT_THAT(sampler.end(start + 1s, {}).shares_cpus, Optional(true));
}

TEST(HostSampler, OfASystemThatTellsNothingTellsNothing) {
  for (const char* content : {"", "garbage", "cpu  x\n", "some total=\n"}) {
    SCOPED_TRACE(content);
    FakeSystem system;
    for (const char* path : {"proc/stat", "proc/pressure/cpu", "proc/net/tcp", "proc/net/snmp",
                             "proc/net/netstat", "proc/net/softnet_stat", "proc/net/snmp6"}) {
      if (*content != '\0') system.with(path, content);
    }
    HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {});

    sampler.begin(start, {});
    const HostSecond second = sampler.sample(start + 1s, {});
    const HostUse use = sampler.end(start + 2s, {});

    EXPECT_EQ(second.steal_share, 0);
    EXPECT_EQ(second.server_cpu_share, std::nullopt);
    EXPECT_EQ(use.steal_share, std::nullopt);
    EXPECT_FALSE(use.has_counters);
    EXPECT_EQ(use.cpu_pressure_share, std::nullopt);
    EXPECT_EQ(use.server_pid, std::nullopt);
    EXPECT_EQ(use.server_cpu_share, std::nullopt);
    EXPECT_EQ(use.shares_cpus, std::nullopt);
    EXPECT_THAT(use.counters, IsEmpty());
    EXPECT_THAT(use.shard_busy_shares, IsEmpty());
    EXPECT_EQ(use.seconds_busy_share, 0);
  }
}

TEST(HostSampler, ForgetsTheUseOfAServerThatEnded) {
  FakeSystem system;
  with_server(system, "0");
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {});
  sampler.begin(start, {});

  system.without("proc/812/stat");
  const HostUse use = sampler.end(start + 1s, {});

  EXPECT_THAT(use.server_pid, Optional(812));
  EXPECT_EQ(use.server_cpu_share, std::nullopt);
}

// The processor time that this thread uses is real, the time in which it does so is not: a second
// in which 950 ms were used is busy however loaded the machine is. What else the thread does in
// between is far from the 50 ms to the next full second.
TEST(HostSampler, CountsTheSecondsInWhichAShardIsBusy) {
  FakeSystem system;
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {ShardThread::current()});
  sampler.begin(start, {});

  work_for(95ms);
  const HostSecond busy = sampler.sample(start + 100ms, {});
  const HostSecond idle = sampler.sample(start + 10s, {});
  work_for(95ms);
  const HostSecond waiting = sampler.sample(start + 10s + 100ms, std::array<Duration, 1>{90ms});
  const HostUse use = sampler.end(start + 10s + 100ms, std::array<Duration, 1>{90ms});

  EXPECT_GE(busy.generator_cpu_share, 0.95);
  EXPECT_LT(idle.generator_cpu_share, 0.5);
  EXPECT_LT(waiting.generator_cpu_share, 0.9);
  EXPECT_DOUBLE_EQ(use.seconds_busy_share, 1.0 / 3);
  ASSERT_THAT(use.shard_busy_shares, SizeIs(1));
  EXPECT_GE(use.shard_busy_shares[0], 0.1 / 10.1 * 0.95);
}

TEST(HostSampler, AThreadThatHasEndedUsesNothingMore) {
  ShardThread ended;
  std::thread thread([&ended] { ended = ShardThread::current(); });
  thread.join();
  FakeSystem system;
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {ended});

  sampler.begin(start, {});
  const HostUse use = sampler.end(start + 1s, {});

  ASSERT_THAT(use.shard_busy_shares, SizeIs(1));
  EXPECT_EQ(use.shard_busy_shares[0], 0);
}

TEST(HostSampler, ARunShorterThanASecondIsOne) {
  FakeSystem system;
  HostSampler sampler(system.files(), target_of("tcp://127.0.0.1:9000"), {ShardThread::current()});
  sampler.begin(start, {});

  work_for(50ms);
  const HostUse use = sampler.end(start + 50ms, {});

  EXPECT_EQ(use.seconds_busy_share, 1);
}

TEST(HostSampler, LooksAtThisHost) {
  HostSampler sampler(SystemFiles(), target_of("tcp://127.0.0.1:1"), {ShardThread::current()});

  const TimePoint began = Clock::now();
  sampler.begin(began, {});
  const HostSecond second = sampler.sample(began + 1s, {});
  const HostUse use = sampler.end(began + 2s, {});

  EXPECT_GE(second.steal_share, 0);
  EXPECT_LE(second.steal_share, 1);
  EXPECT_THAT(use.shard_busy_shares, SizeIs(1));
}

}  // namespace
}  // namespace weir::tools::load
