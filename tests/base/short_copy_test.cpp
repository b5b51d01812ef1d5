#include "weir/base/short_copy.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(ShortCopy, CopiesEveryCountAndNothingBeside) {
  constexpr std::size_t margin = 64;
  for (std::size_t count = 0; count <= 300; ++count) {
    SCOPED_TRACE(count);
    // As long as the bytes: what is read beside them is found by the sanitizers.
    std::vector<std::byte> source(count);
    for (std::size_t i = 0; i < count; ++i) source[i] = static_cast<std::byte>(i * 7 + i / 256 + 1);
    std::vector<std::byte> target(margin + count + margin, std::byte{0xEE});
    std::vector<std::byte> expected = target;
    std::ranges::copy(source, expected.begin() + margin);

    copy_short(target.data() + margin, source.data(), count);

    EXPECT_EQ(target, expected);
  }
}

}  // namespace
}  // namespace weir
