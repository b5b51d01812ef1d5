#include "weir/protocols/utf8.h"

#include <cstring>

namespace weir::protocols {
namespace {

// The bytes at the front that are ASCII, eight at a time.
std::size_t ascii_prefix(std::span<const std::byte> bytes) noexcept {
  std::size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & 0x8080808080808080) != 0) break;
  }
  while (at < bytes.size() && std::to_integer<std::uint8_t>(bytes[at]) < 0x80) ++at;
  return at;
}

}  // namespace

bool Utf8Checker::add(std::span<const std::byte> bytes) noexcept {
  while (!bytes.empty()) {
    if (bytes_expected_ == 0) {
      bytes = bytes.subspan(ascii_prefix(bytes));
      if (bytes.empty()) return true;
      if (!begin_character(std::to_integer<std::uint8_t>(bytes[0]))) return false;
    } else {
      const auto byte = std::to_integer<std::uint8_t>(bytes[0]);
      if (byte < next_min_ || byte > next_max_) return false;
      next_min_ = 0x80;
      next_max_ = 0xBF;
      --bytes_expected_;
    }
    bytes = bytes.subspan(1);
  }
  return true;
}

// The table of RFC 3629 section 4; only the second byte's range depends on the first one.
bool Utf8Checker::begin_character(std::uint8_t first) noexcept {
  if (first < 0xC2 || first > 0xF4) return false;
  bytes_expected_ = first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
  next_min_ = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  next_max_ = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  return true;
}

bool is_utf8(const FrameView& text) noexcept {
  Utf8Checker checker;
  for (const auto piece : text) {
    if (!checker.add(piece)) return false;
  }
  return checker.is_complete();
}

}  // namespace weir::protocols
