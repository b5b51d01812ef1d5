// Is it UTF-8? As RFC 3629 section 4 defines it: no overlong forms, no surrogates, nothing above
// U+10FFFF. Takes the bytes in pieces; a character may be cut by their seams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "weir/protocols/frame_view.h"

namespace weir::protocols {

class Utf8Checker {
 public:
  /// Looks at the next piece. \returns false if the text can no longer become valid.
  [[nodiscard]] bool add(std::span<const std::byte> bytes) noexcept;
  /// True between two characters: the text may end here.
  [[nodiscard]] bool is_complete() const noexcept { return bytes_expected_ == 0; }

 private:
  [[nodiscard]] bool begin_character(std::uint8_t first) noexcept;

  std::uint8_t bytes_expected_ = 0;  // of the current character
  std::uint8_t next_min_ = 0x80;     // range of the next of them
  std::uint8_t next_max_ = 0xBF;
};

/// True if all of `text` is valid UTF-8.
[[nodiscard]] bool is_utf8(const FrameView& text) noexcept;

}  // namespace weir::protocols
