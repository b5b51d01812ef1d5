#include "tools/weir/bench/suites/stream_suites.h"

#include <sched.h>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/cpu_list.h"

namespace weir::tools::bench {
namespace {

using ::testing::ElementsAre;

void unpin(const std::vector<int>& cpus) {
  cpu_set_t all;
  CPU_ZERO(&all);
  for (const int cpu : cpus) CPU_SET(static_cast<unsigned>(cpu), &all);
  (void)::sched_setaffinity(0, sizeof all, &all);
}

TEST(ShardCounts, EndWithAllProcessors) {
  EXPECT_THAT(shard_counts(0), ElementsAre(1));
  EXPECT_THAT(shard_counts(1), ElementsAre(1));
  EXPECT_THAT(shard_counts(2), ElementsAre(1, 2));
  EXPECT_THAT(shard_counts(6), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(shard_counts(8), ElementsAre(1, 2, 4, 8));
}

TEST(ShardCpus, EndWithTheOneOfTheLoad) {
  EXPECT_THAT(shard_cpus({0, 1, 4, 5}, 1), ElementsAre(0, 4, 5, 1));
  EXPECT_THAT(shard_cpus({2}, 2), ElementsAre(2));
  EXPECT_THAT(shard_cpus({0, 1}, -1), ElementsAre(0, 1));
}

TEST(ShardsCases, GiveEachServerTheProcessorsOfItsShards) {
  const std::vector<int> allowed = allowed_cpus();
  ASSERT_FALSE(allowed.empty());
  const CpuPair cpus = choose_cpu_pair();
  const Programs programs("/bin", "", cpus);
  pin_thread(allowed.back());  // as before the servers start

  const std::vector<CaseSpec> cases = shards_cases(programs, Effort::quick);

  ASSERT_EQ(cases.size(), 1U);
  const std::vector<unsigned> counts = shard_counts(static_cast<unsigned>(allowed.size()));
  ASSERT_EQ(cases[0].contenders.size(), counts.size());
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::vector<std::string>& words = cases[0].contenders[i].command;
    const auto flag = std::ranges::find(words, "--cpus");
    ASSERT_TRUE(flag != words.end() && flag + 1 != words.end()) << counts[i];
    const auto list = parse_cpu_list(*(flag + 1));
    ASSERT_TRUE(list) << *(flag + 1);
    EXPECT_EQ(list->size(), counts[i]);
    EXPECT_EQ((*list)[0], allowed.front());
  }
  unpin(allowed);
}

}  // namespace
}  // namespace weir::tools::bench
