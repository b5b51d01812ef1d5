#include "tools/weir/load/message/wrong_answer.h"

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr std::size_t shown_characters_max = 60;

std::string printable(std::string_view text) {
  std::string shown;
  for (const char character : text.substr(0, shown_characters_max)) {
    const bool is_plain = character >= ' ' && character <= '~' && character != '\\';
    shown += is_plain ? std::string(1, character)
                      : fmt::format("\\x{:02x}", static_cast<unsigned char>(character));
  }
  return text.size() > shown_characters_max ? shown + "..." : shown;
}

}  // namespace

std::string wrong_byte(AnswerId answer, std::size_t offset, std::byte expected, std::byte found) {
  return fmt::format("connection {}, request {}, byte {}: expected 0x{:02x}, found 0x{:02x}",
                     answer.connection, answer.request, offset, std::to_integer<unsigned>(expected),
                     std::to_integer<unsigned>(found));
}

std::string wrong_size(AnswerId answer, std::size_t expected, std::size_t found) {
  return fmt::format("connection {}, request {}: expected an answer of {} bytes, found {}",
                     answer.connection, answer.request, expected, found);
}

std::string no_match(AnswerId answer, std::string_view pattern, std::string_view found) {
  return fmt::format("connection {}, request {}: expected a match of \"{}\", found \"{}\"",
                     answer.connection, answer.request, pattern, printable(found));
}

std::string surplus(std::uint32_t connection, std::size_t found_bytes) {
  return fmt::format("connection {}: expected no answer, found {} bytes: all requests have theirs",
                     connection, found_bytes);
}

}  // namespace weir::tools::load
