#include "tools/weir/serve/upper_service.h"

#include <array>
#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

TEST(UpperService, ChangesTheLettersOfAsciiAndNoOtherByte) {
  std::array<std::byte, 256> text{};
  for (std::size_t value = 0; value < text.size(); ++value) text[value] = std::byte(value);

  to_upper_ascii(text);

  for (std::size_t value = 0; value < text.size(); ++value) {
    const bool is_lower = value >= 'a' && value <= 'z';
    EXPECT_EQ(std::to_integer<std::size_t>(text[value]), is_lower ? value - 32 : value) << value;
  }
}

}  // namespace
}  // namespace weir::tools::serve
