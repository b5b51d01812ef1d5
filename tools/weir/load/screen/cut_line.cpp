#include "tools/weir/load/screen/cut_line.h"

#include <cstdint>
#include <optional>

namespace weir::tools::load {
namespace {

struct Letter {
  std::string_view bytes;
  std::uint32_t code_point = 0;
};

/// The `ESC [ numbers m` in front, if there is one.
std::optional<std::string_view> colour_sequence(std::string_view text) noexcept {
  if (!text.starts_with("\x1b[")) return std::nullopt;
  const std::size_t end = text.find_first_not_of("0123456789;", 2);
  if (end == std::string_view::npos || text[end] != 'm') return std::nullopt;
  return text.substr(0, end + 1);
}

/// The letter in front; none if the bytes there are not UTF-8.
std::optional<Letter> letter(std::string_view text) noexcept {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return Letter{text.substr(0, 1), lead};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return std::nullopt;
  std::uint32_t code_point = lead & (0x7fU >> size);
  for (const char c : text.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0U) != 0x80) return std::nullopt;
    code_point = (code_point << 6U) | (byte & 0x3fU);
  }
  return Letter{text.substr(0, size), code_point};
}

/// Unicode calls most letters from here on wide, and some are. One column too few would wrap the
/// line; one too many cuts it early, and only names that users chose have such letters.
std::size_t columns_of(std::uint32_t code_point) noexcept {
  const bool is_jamo = code_point >= 0x1100 && code_point < 0x1160;
  const bool is_block = code_point >= 0x2500 && code_point < 0x25a0;
  return is_jamo || (code_point >= 0x2300 && !is_block) ? 2 : 1;
}

bool is_control(std::uint32_t code_point) noexcept {
  return code_point < 0x20 || (code_point >= 0x7f && code_point < 0xa0);
}

/// What is in front of a line: a colour, a letter, or a byte that cannot be shown.
struct LinePiece {
  std::string_view text;  ///< to print
  std::size_t bytes = 1;  ///< it takes in the line
  std::size_t columns = 0;
};

LinePiece piece(std::string_view line) noexcept {
  if (const auto sequence = colour_sequence(line)) return {*sequence, sequence->size(), 0};
  const auto next = letter(line);
  if (!next) return {"?", 1, 1};
  if (is_control(next->code_point)) return {"?", next->bytes.size(), 1};
  return {next->bytes, next->bytes.size(), columns_of(next->code_point)};
}

}  // namespace

std::string cut_line(std::string_view line, std::size_t columns) {
  std::string cut;
  for (LinePiece next; !line.empty(); line.remove_prefix(next.bytes)) {
    next = piece(line);
    // A letter that no longer fits ends the line, even if a narrower one follows.
    if (next.columns > columns) columns = 0;
    if (next.columns > columns) continue;
    cut += next.text;
    columns -= next.columns;
  }
  return cut;
}

std::size_t columns_taken(std::string_view line) noexcept {
  std::size_t columns = 0;
  for (LinePiece next; !line.empty(); line.remove_prefix(next.bytes)) {
    next = piece(line);
    columns += next.columns;
  }
  return columns;
}

}  // namespace weir::tools::load
