#include "tools/weir/common/build_commit.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::MatchesRegex;

TEST(BuildCommit, IsACommitOrUnknown) {
  EXPECT_THAT(std::string(build_commit()), MatchesRegex("unknown|[0-9a-f]+(-dirty)?"));
}

}  // namespace
}  // namespace weir::tools
