#include "tools/weir/serve/refused_sends.h"

#include <cerrno>
#include <system_error>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

std::error_code reason(int number) { return {number, std::system_category()}; }

TEST(RefusedSends, NamesTheReasonsInTheOrderTheyCame) {
  RefusedSends refused;

  refused.add(reason(EMSGSIZE));
  refused.add(reason(EPERM), 2);
  refused.add(reason(EMSGSIZE));

  EXPECT_EQ(refused.total(), 4U);
  EXPECT_EQ(refused.to_text(), "4 answers refused (2 Message too long, 2 Operation not permitted)");
}

TEST(RefusedSends, SaysNothingOfReasonsWhereThereAreNone) {
  EXPECT_EQ(RefusedSends().to_text(), "0 answers refused");
}

TEST(RefusedSends, CountsTogetherWhatIsBeyondTheBound) {
  RefusedSends refused;
  for (int number = 1; number <= static_cast<int>(RefusedSends::reasons_max) + 3; ++number) {
    refused.add(reason(number));
  }

  EXPECT_EQ(refused.total(), RefusedSends::reasons_max + 3);
  EXPECT_NE(refused.to_text().find("3 for other reasons)"), std::string::npos) << refused.to_text();
}

TEST(RefusedSends, AddsUp) {
  RefusedSends first;
  first.add(reason(EMSGSIZE));
  RefusedSends second;
  second.add(reason(EACCES));
  second.add(reason(EMSGSIZE), 5);

  first += second;

  EXPECT_EQ(first.to_text(), "7 answers refused (6 Message too long, 1 Permission denied)");
}

}  // namespace
}  // namespace weir::tools::serve
