#include "tools/weir/common/library_versions.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(LibraryVersions, NamesLiburing) {
  const auto versions = library_versions();

  const auto found = std::ranges::find(versions, "liburing", &LibraryVersion::name);
  ASSERT_NE(found, versions.end());
  EXPECT_THAT(found->version, MatchesRegex("[0-9]+[.][0-9]+"));
  EXPECT_THAT(library_line(), HasSubstr("liburing " + found->version));
}

TEST(LibraryVersions, AVersionOfMimallocIsWrittenWithItsPoints) {
  EXPECT_EQ(mimalloc_version_text(209), "2.0.9");
  EXPECT_EQ(mimalloc_version_text(316), "3.1.6");
  EXPECT_EQ(mimalloc_version_text(30'105), "30105");
}

}  // namespace
}  // namespace weir::tools
