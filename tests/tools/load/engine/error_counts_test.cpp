#include "tools/weir/load/engine/error_counts.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(ErrorCounts, CountsEachKindAndKeepsTheFirstExample) {
  ErrorCounts errors;
  errors.add(ErrorKind::reset, "first");
  errors.add(ErrorKind::reset, "second", 2);
  errors.add(ErrorKind::timeout, "never", 0);

  EXPECT_EQ(errors.count(ErrorKind::reset), 3U);
  EXPECT_EQ(errors.example(ErrorKind::reset), "first");
  EXPECT_EQ(errors.count(ErrorKind::timeout), 0U);
  EXPECT_EQ(errors.example(ErrorKind::timeout), "");
  EXPECT_EQ(errors.total(), 3U);
}

TEST(ErrorCounts, GivesTheFirstExample) {
  ErrorCounts none;
  ErrorCounts some;
  some.add(ErrorKind::unreachable, "nobody listens");
  some.add(ErrorKind::reset, "broken");
  some.add(ErrorKind::reset, "broken again");

  EXPECT_EQ(none.first_example(), "");
  EXPECT_EQ(some.first_example(), "broken");
}

TEST(ErrorCounts, MergesOthers) {
  ErrorCounts errors;
  errors.add(ErrorKind::reset, "mine");
  ErrorCounts other;
  other.add(ErrorKind::reset, "theirs", 4);
  const auto refused = std::make_error_code(std::errc::connection_refused);
  other.add(ErrorKind::connect, "refused", 5, refused);

  errors.merge(other);

  EXPECT_EQ(errors.total(), 10U);
  EXPECT_EQ(errors.example(ErrorKind::reset), "mine");
  EXPECT_EQ(errors.example(ErrorKind::connect), "refused");
  EXPECT_EQ(errors.cause(ErrorKind::connect), refused);
  EXPECT_FALSE(errors.cause(ErrorKind::reset));
}

}  // namespace
}  // namespace weir::tools::load
