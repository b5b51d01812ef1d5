#include "tools/weir/bench/suites/stream_suites.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using ::testing::ElementsAre;

TEST(ShardCounts, EndWithAllProcessors) {
  EXPECT_THAT(shard_counts(0), ElementsAre(1));
  EXPECT_THAT(shard_counts(1), ElementsAre(1));
  EXPECT_THAT(shard_counts(2), ElementsAre(1, 2));
  EXPECT_THAT(shard_counts(6), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(shard_counts(8), ElementsAre(1, 2, 4, 8));
}

}  // namespace
}  // namespace weir::tools::bench
