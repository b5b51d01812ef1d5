#include "tools/weir/bench/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::bench {
namespace {

using ::testing::HasSubstr;

TEST(BenchValidate, TakesShortCellsUnlessToldOtherwise) {
  EXPECT_EQ(validate({.suite = "nagle"})->effort, Effort::quick);
  EXPECT_EQ(validate({.suite = "nagle", .full = true})->effort, Effort::full);
}

TEST(BenchValidate, OnlyPicksCellsByDescription) {
  const auto some = validate({.suite = "nagle", .only = "^N1 .*gather"});

  EXPECT_TRUE(some->selects("N1 4 + 60 B, gather, loopback"));
  EXPECT_FALSE(some->selects("N13 64 B, depth 1, nagle, loopback"));
  EXPECT_TRUE(validate({.suite = "nagle"})->selects("anything"));
}

TEST(BenchValidate, SaysWhatIsWrong) {
  struct Vector {
    RawFlags flags;
    const char* message;
  };
  for (const Vector& v : {
           Vector{{}, "no suite"},
           Vector{{.suite = "nagel"}, "there is no suite \"nagel\""},
           Vector{{.suite = "nagle", .quick = true, .full = true}, "exclude each other"},
           Vector{{.suite = "nagle", .only = "("}, "--only: \"(\" is no regular expression"},
           Vector{{.suite = "nagle", .output = "/no/such"}, "-o: \"/no/such\" is no directory"},
       }) {
    const auto options = validate(v.flags);

    ASSERT_FALSE(options) << v.message;
    EXPECT_THAT(options.error().message, HasSubstr(v.message));
  }
}

}  // namespace
}  // namespace weir::tools::bench
