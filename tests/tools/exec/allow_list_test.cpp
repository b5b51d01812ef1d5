#include "tools/weir/exec/allow_list.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pointee;

/// A directory with programs in it, gone at the end.
class AllowListTest : public ::testing::Test {
 protected:
  AllowListTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-allow-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~AllowListTest() override { std::filesystem::remove_all(root_); }

  std::string add_file(const std::string& name, ::mode_t mode) const {
    const std::filesystem::path path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "#!/bin/sh\n";
    ::chmod(path.c_str(), mode);
    return path.string();
  }
  std::string directory(const std::string& name) const { return (root_ / name).string(); }

 private:
  std::filesystem::path root_;
};

std::string refusal(const std::vector<AllowedName>& names, const std::string& path) {
  const auto list = AllowList::resolve(names, path);
  EXPECT_FALSE(list);
  return list ? std::string() : list.error().message;
}

TEST_F(AllowListTest, ANameStandsForTheFirstProgramOfThePath) {
  const std::string first = add_file("one/tool", 0755);
  const std::string second = add_file("two/tool", 0755);
  add_file("one/other", 0644);
  const std::string other = add_file("two/other", 0755);
  const std::string path = directory("none") + "::" + directory("one") + ":" + directory("two");

  const auto list = AllowList::resolve({{"tool", ""}, {"other", ""}, {"second", second}}, path);

  ASSERT_TRUE(list) << list.error().message;
  EXPECT_THAT(list->find("tool"), Pointee(first));
  EXPECT_THAT(list->find("other"), Pointee(other));
  EXPECT_THAT(list->find("second"), Pointee(second));
  EXPECT_EQ(list->find("absent"), nullptr);
  EXPECT_EQ(list->find(first), nullptr);
  EXPECT_EQ(list->find("./tool"), nullptr);
  EXPECT_EQ(list->find(""), nullptr);
  EXPECT_EQ(list->names_text(), "other, second and tool");
}

TEST_F(AllowListTest, WhatCannotBeRunIsNotAllowed) {
  const std::string plain = add_file("bin/plain", 0644);

  EXPECT_THAT(refusal({{"plain", ""}}, directory("bin")), HasSubstr("--allow plain=/PATH"));
  EXPECT_THAT(refusal({{"plain", plain}}, ""), HasSubstr("not executable"));
  EXPECT_THAT(refusal({{"bin", directory("bin")}}, ""), HasSubstr("no regular file"));
  EXPECT_THAT(refusal({{"gone", directory("gone")}}, ""), HasSubstr("No such file"));
}

TEST_F(AllowListTest, ARelativeDirectoryOfThePathIsPassedOver) {
  add_file("bin/tool", 0755);
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(directory("bin"));

  const std::string message = refusal({{"tool", ""}}, ".:");
  std::filesystem::current_path(before);

  EXPECT_THAT(message, HasSubstr("no program \"tool\" in PATH"));
}

TEST_F(AllowListTest, ANameCanBeGivenOnce) {
  const std::string tool = add_file("bin/tool", 0755);

  EXPECT_EQ(refusal({{"tool", tool}, {"tool", tool}}, ""), "\"tool\" is allowed twice");
}

TEST_F(AllowListTest, ProgramsThatRunOthersAreNamed) {
  const std::string tool = add_file("bin/tool", 0755);
  const std::string shell = add_file("bin/bash", 0755);

  const auto list = AllowList::resolve({{"tool", tool}, {"sh", tool}, {"harmless", shell}}, "");

  ASSERT_TRUE(list);
  EXPECT_THAT(list->find_unbounded(), ElementsAre("harmless", "sh"));
  EXPECT_THAT(AllowList::resolve({{"tool", tool}}, "")->find_unbounded(), IsEmpty());
}

TEST(AllowedName, IsANameOrANameWithItsFile) {
  EXPECT_EQ(parse_allowed_name("date"), (AllowedName{"date", ""}));
  EXPECT_EQ(parse_allowed_name("d=/bin/date"), (AllowedName{"d", "/bin/date"}));
  EXPECT_EQ(parse_allowed_name("d=/a=b"), (AllowedName{"d", "/a=b"}));
}

TEST(AllowedName, SaysWhatIsWrong) {
  EXPECT_THAT(parse_allowed_name("").error().message, HasSubstr("names no program"));
  EXPECT_THAT(parse_allowed_name("=/bin/date").error().message, HasSubstr("names no program"));
  EXPECT_THAT(parse_allowed_name("/bin/date").error().message, HasSubstr("NAME=/bin/date"));
  EXPECT_THAT(parse_allowed_name("d=date").error().message, HasSubstr("not an absolute path"));
  EXPECT_THAT(parse_allowed_name("d=").error().message, HasSubstr("not an absolute path"));
}

}  // namespace
}  // namespace weir::tools::exec
