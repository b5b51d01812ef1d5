#include "tools/weir/common/system_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/fake_system.h"

namespace weir::tools {
namespace {

using ::testing::IsEmpty;
using ::testing::Optional;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TEST(SystemFiles, ReadsBelowItsRoot) {
  FakeSystem system;
  system.with("proc/sys/x", " 12\t34 \nsecond\n").with("proc/empty", "");

  EXPECT_THAT(system.files().read("proc/sys/x"), Optional(std::string(" 12\t34 \nsecond\n")));
  EXPECT_THAT(system.files().read_line("proc/sys/x"), Optional(std::string("12\t34")));
  EXPECT_THAT(system.files().read_line("proc/empty"), Optional(std::string()));
  EXPECT_EQ(system.files().read("proc/absent"), std::nullopt);
  EXPECT_EQ(system.files().read_line("proc/absent"), std::nullopt);
}

TEST(SystemFiles, FindsFieldsByTheirWholeName) {
  FakeSystem system;
  system.with("status", "Name:\tweir\nSeccomp:\t2\nSeccomp_filters:\t1\nlast : a: b");

  EXPECT_THAT(system.files().read_field("status", "Seccomp"), Optional(std::string("2")));
  EXPECT_THAT(system.files().read_field("status", "last"), Optional(std::string("a: b")));
  EXPECT_EQ(system.files().read_field("status", "Sec"), std::nullopt);
  EXPECT_EQ(system.files().read_field("absent", "Name"), std::nullopt);
}

TEST(SystemFiles, ListsDirectoriesAndReadsLinks) {
  FakeSystem system;
  system.with("proc/7/stat", "").with("proc/8/stat", "").with_link("proc/7/fd/3", "socket:[4711]");

  EXPECT_THAT(system.files().list("proc", 10), UnorderedElementsAre("7", "8"));
  EXPECT_THAT(system.files().list("proc", 1), SizeIs(1));
  EXPECT_THAT(system.files().list("absent", 10), IsEmpty());
  EXPECT_THAT(system.files().list("proc/7/stat", 10), IsEmpty());
  EXPECT_THAT(system.files().read_link("proc/7/fd/3"), Optional(std::string("socket:[4711]")));
  EXPECT_EQ(system.files().read_link("proc/7/stat"), std::nullopt);
}

TEST(SystemFiles, NumbersAreWholeAndNothingElse) {
  EXPECT_THAT(parse_number("0"), Optional(0U));
  EXPECT_THAT(parse_number("18446744073709551615"), Optional(UINT64_MAX));
  for (const char* text : {"", "-1", "+1", "1 ", " 1", "1x", "18446744073709551616"}) {
    EXPECT_EQ(parse_number(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace weir::tools
