#include "tools/weir/common/nearest_match.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace weir::tools {
namespace {

TEST(NearestMatch, FindsWhatWasMeant) {
  const std::vector<std::string> known = {"--conns", "--depth",  "--size", "--duration",
                                          "--cpus",  "io_uring", "epoll",  "-c"};
  struct Vector {
    const char *word, *meant;
  };
  for (const auto& v :
       {Vector{"--conn", "--conns"}, Vector{"--connections", "--conns"},
        Vector{"--dpeth", "--depth"}, Vector{"--sizes", "--size"}, Vector{"--sie", "--size"},
        Vector{"-size", "--size"}, Vector{"--dur", "--duration"}, Vector{"uring", "io_uring"},
        Vector{"epol", "epoll"}, Vector{"--cpu", "--cpus"}}) {
    EXPECT_EQ(nearest_match(v.word, known), v.meant) << v.word;
  }
}

TEST(NearestMatch, DoesNotGuessWildly) {
  const std::vector<std::string> known = {"--conns", "--size", "load", "-c"};

  for (const char* word : {"--verbose", "--x", "-z", "serve", "", "--"}) {
    EXPECT_EQ(nearest_match(word, known), std::nullopt) << word;
  }
  EXPECT_EQ(nearest_match("x", {}), std::nullopt);
}

TEST(NearestMatch, SuggestsOrLists) {
  const std::vector<std::string> known = {"auto", "plain", "none"};

  EXPECT_EQ(suggest("plan", known), "; did you mean \"plain\"?");
  EXPECT_EQ(suggest("fancy", known), "; known are auto, plain and none");
}

}  // namespace
}  // namespace weir::tools
