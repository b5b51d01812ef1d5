#include "tools/weir/load/plan/list_line.h"

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

TEST(ListLine, CutsPartsSpacesAndComments) {
  struct Vector {
    const char *line, *first, *second;
  };
  for (const auto& v :
       {Vector{"1,2", "1", "2"}, Vector{"1", "1", nullptr}, Vector{" 1 ,\t2 \r", "1", "2"},
        Vector{"1,2,3", "1", "2,3"}, Vector{"1,", "1", ""}, Vector{",2", "", "2"},
        Vector{"1,2 # and,so on", "1", "2"}, Vector{"1 # ,2", "1", nullptr}}) {
    SCOPED_TRACE(v.line);

    const auto line = split_list_line(v.line);

    ASSERT_TRUE(line);
    EXPECT_EQ(line->first, v.first);
    ASSERT_EQ(line->second.has_value(), v.second != nullptr);
    if (line->second) {
      EXPECT_EQ(*line->second, v.second);
    }
  }
}

TEST(ListLine, FindsNothingInEmptyLinesAndComments) {
  for (const char* line : {"", "  ", "\r", "# 1,2", "\t# x"}) {
    EXPECT_FALSE(split_list_line(line)) << line;
  }
}

}  // namespace
}  // namespace weir::tools::load
