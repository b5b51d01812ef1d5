#include "tools/weir/demo/validate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::demo {
namespace {

using ::testing::HasSubstr;
using namespace std::chrono_literals;

TEST(DemoValidate, TakesTenSecondsUnlessToldOtherwise) {
  EXPECT_EQ(validate({})->duration, 10s);
  EXPECT_EQ(validate({.duration = "4s"})->duration, 4s);
}

TEST(DemoValidate, RefusesWhatWouldShowNothing) {
  for (const char* text : {"500ms", "2h"}) {
    const auto options = validate({.duration = text});

    ASSERT_FALSE(options) << text;
    EXPECT_THAT(options.error().message, HasSubstr("is out of range (1s to 1h)"));
  }
  EXPECT_THAT(validate({.duration = "4"}).error().message,
              HasSubstr("--duration: \"4\" has no unit"));
}

}  // namespace
}  // namespace weir::tools::demo
