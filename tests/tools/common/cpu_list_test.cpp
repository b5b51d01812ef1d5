#include "tools/weir/common/cpu_list.h"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<int> numbers(const CpuList& cpus) {
  std::vector<int> out;
  for (std::size_t i = 0; i < cpus.size(); ++i) out.push_back(cpus[i]);
  return out;
}

TEST(CpuListText, ReadsNumbersAndRangesInOrder) {
  EXPECT_THAT(numbers(parse_cpu_list("0").value()), ElementsAre(0));
  EXPECT_THAT(numbers(parse_cpu_list("0,2-3").value()), ElementsAre(0, 2, 3));
  EXPECT_THAT(numbers(parse_cpu_list("3,1-1,0").value()), ElementsAre(3, 1, 0));
  EXPECT_THAT(numbers(parse_cpu_list("1023").value()), ElementsAre(1023));
}

TEST(CpuListText, RefusesWhatIsNotAList) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "not a list"}, Vector{",", "not a list"}, Vector{"0,", "not a list"},
        Vector{"0,,1", "not a list"}, Vector{"a", "not a list"}, Vector{"-1", "not a list"},
        Vector{"1-", "not a list"}, Vector{"1-2-3", "not a list"}, Vector{"0 1", "not a list"},
        Vector{"1024", "numbers below 1024"}, Vector{"3-1", "runs backwards; write 1-3"},
        Vector{"0,1,0", "names CPU 0 twice"}, Vector{"0-3,2", "names CPU 2 twice"},
        Vector{"0-1023", "more than 256 CPUs"}}) {
    const auto cpus = parse_cpu_list(v.text);

    ASSERT_FALSE(cpus) << v.text;
    EXPECT_THAT(cpus.error().message, HasSubstr(v.reason)) << v.text;
  }
}

TEST(CpuListText, PrintsWhatItReads) {
  for (const char* text : {"0", "0-1", "0,2-3", "3,1,0", "0-255"}) {
    EXPECT_EQ(format_cpu_list(parse_cpu_list(text).value()), text);
  }
  EXPECT_EQ(format_cpu_list(parse_cpu_list("0,1,2").value()), "0-2");
  EXPECT_EQ(format_cpu_list(CpuList()), "");
}

}  // namespace
}  // namespace weir::tools
