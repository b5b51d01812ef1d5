#include "tools/weir/common/setting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string complaint(std::string_view text) {
  const auto settings = parse_settings(text, "l.conf");
  return settings ? std::string() : settings.error().message;
}

TEST(Setting, AVariableNamesAFlag) {
  const std::vector<std::string> variables = {"HOME=/root",   "LOAD_REQS_PER_CONN=5",
                                              "LOAD_SLO=a=b", "LOAD_SEED=",
                                              "LOAD_ODD",     "XLOAD_RATE=1"};

  const auto settings = environment_settings(variables, "LOAD_");

  EXPECT_THAT(settings, ElementsAre(Setting{"reqs-per-conn", "5", "LOAD_REQS_PER_CONN"},
                                    Setting{"slo", "a=b", "LOAD_SLO"}));
}

TEST(Setting, ALineNamesAFlag) {
  const auto settings = parse_settings(
      "# a gate\n\n rate=20k\t# a second\r\nslo = p99<2ms,err<0.1%\npayload = ' a # \"b\" ' # as "
      "is\n"
      "label = k=v#1\nempty = \"\"",
      "l.conf");

  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_THAT(*settings,
              ElementsAre(Setting{"rate", "20k", "l.conf:3"},
                          Setting{"slo", "p99<2ms,err<0.1%", "l.conf:4"},
                          Setting{"payload", " a # \"b\" ", "l.conf:5"},
                          Setting{"label", "k=v#1", "l.conf:6"}, Setting{"empty", "", "l.conf:7"}));
}

TEST(Setting, SaysWhichLineIsWrong) {
  EXPECT_THAT(complaint("rate = 1\n--closed\n"),
              AllOf(HasSubstr("l.conf:2"), HasSubstr("--closed")));
  EXPECT_THAT(complaint("= 1"), HasSubstr("l.conf:1"));
  EXPECT_THAT(complaint("rate ="), HasSubstr("l.conf:1: rate: the value is missing"));
  EXPECT_THAT(complaint("rate = # 1"), HasSubstr("missing"));
  EXPECT_THAT(complaint("rate = \"1"), HasSubstr("not closed"));
  EXPECT_THAT(complaint("rate = '1' 2"), HasSubstr("follows"));
}

TEST(Setting, AnEmptyFileSetsNothing) {
  const auto settings = parse_settings("", "l.conf");

  ASSERT_TRUE(settings);
  EXPECT_THAT(*settings, IsEmpty());
}

TEST(Setting, SaysWhyAFileCannotBeRead) {
  const auto missing = read_setting_file("/nonexistent/l.conf");
  const auto folder = read_setting_file("/");

  ASSERT_FALSE(missing);
  EXPECT_THAT(missing.error().message, HasSubstr("\"/nonexistent/l.conf\": No such file"));
  ASSERT_FALSE(folder);
  EXPECT_THAT(folder.error().message, HasSubstr("directory"));
}

}  // namespace
}  // namespace weir::tools
