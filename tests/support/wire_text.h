// Bytes of a stream as a test writes them:
//
//     0003 616263          hex, spaces for the reader
//     6865 | 6c6c6f        arrives in two reads
//     (00)*300             repeated
//     'text'               as it stands
//     J'{"data_size": 3}'  behind its length, 4 bytes little-endian
//     61 $                 the stream ends
#pragma once

#include <cctype>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace weir::test {

struct WireText {
  std::vector<std::string> reads;
  bool is_ended = false;

  [[nodiscard]] std::string bytes() const {
    return std::accumulate(reads.begin(), reads.end(), std::string{});
  }
};

[[nodiscard]] inline std::string to_hex(std::string_view bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    text += digits[static_cast<unsigned char>(c) >> 4];
    text += digits[static_cast<unsigned char>(c) & 15];
  }
  return text;
}

namespace detail {

/// Takes hex digits, with spaces between them, off the front of `text`.
inline std::string take_hex(std::string_view& text) {
  std::string bytes;
  for (;;) {
    while (!text.empty() && text[0] == ' ') text.remove_prefix(1);
    if (text.size() < 2 || std::isxdigit(static_cast<unsigned char>(text[0])) == 0) return bytes;
    const std::string pair(text.substr(0, 2));
    bytes += static_cast<char>(std::strtoul(pair.c_str(), nullptr, 16));
    text.remove_prefix(2);
  }
}

/// Takes 'text' off the front.
inline std::string take_quoted(std::string_view& text) {
  const std::size_t end = text.find('\'', 1);
  if (end == std::string_view::npos) std::abort();
  std::string quoted(text.substr(1, end - 1));
  text.remove_prefix(end + 1);
  return quoted;
}

/// Takes (hex)*count off the front.
inline std::string take_repeated(std::string_view& text) {
  text.remove_prefix(1);
  const std::string once = take_hex(text);
  if (!text.starts_with(")*")) std::abort();
  text.remove_prefix(2);
  std::size_t count = 0;
  for (; !text.empty() && std::isdigit(static_cast<unsigned char>(text[0])) != 0;
       text.remove_prefix(1)) {
    count = 10 * count + static_cast<std::size_t>(text[0] - '0');
  }
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) bytes += once;
  return bytes;
}

}  // namespace detail

/// Reads the notation above; anything else ends the test program.
[[nodiscard]] inline WireText wire_text(std::string_view text) {
  WireText wire{.reads = {std::string{}}};
  while (!text.empty()) {
    std::string& read = wire.reads.back();
    if (text[0] == ' ') {
      text.remove_prefix(1);
    } else if (text[0] == '|') {
      text.remove_prefix(1);
      wire.reads.emplace_back();
    } else if (text[0] == '$') {
      text.remove_prefix(1);
      wire.is_ended = true;
    } else if (text[0] == '(') {
      read += detail::take_repeated(text);
    } else if (text[0] == '\'') {
      read += detail::take_quoted(text);
    } else if (text.starts_with("J'")) {
      text.remove_prefix(1);
      const std::string json = detail::take_quoted(text);
      for (unsigned byte = 0; byte < 4; ++byte) {
        read += static_cast<char>(static_cast<std::uint32_t>(json.size()) >> (8 * byte) & 0xFF);
      }
      read += json;
    } else {
      const std::string bytes = detail::take_hex(text);
      if (bytes.empty()) std::abort();
      read += bytes;
    }
  }
  return wire;
}

/// The bytes of one read.
[[nodiscard]] inline std::string hex(std::string_view text) { return wire_text(text).bytes(); }

}  // namespace weir::test
