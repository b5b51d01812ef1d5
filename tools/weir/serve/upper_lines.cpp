#include "tools/weir/serve/upper_lines.h"

#include <utility>

namespace weir::tools::serve {
namespace {

using protocols::Deframer;
using protocols::DelimiterBytes;
using protocols::Line;
using protocols::StreamRest;

/// So many lines are answered before the shard's other connections get their turn.
constexpr std::size_t lines_per_turn_max = 1024;

/// Every limit and these constants are what the codec takes.
Deframer<Line> line_deframer(std::size_t line_bytes_max, DelimiterBytes line_end) {
  return Deframer(Line::create({.line_bytes_max = line_bytes_max,
                                .line_end_bytes = line_end,
                                .stream_rest = StreamRest::is_frame})
                      .value());
}

/// Moves the bytes of `line` to the end of `answers`, in upper case. In place: a frame that was
/// taken out of the inbox is nobody else's.
void answer(Chain line, Chain& answers) noexcept {
  while (!line.empty()) {
    Buffer piece = line.pop_front();
    to_upper_ascii(piece.writable());
    answers.append(std::move(piece));
  }
}

constexpr bool is_space(std::byte byte) noexcept {
  const auto letter = std::to_integer<char>(byte);
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/// Without the space at both ends.
Chain stripped(Chain text) noexcept {
  while (!text.empty() && is_space(text.begin()->bytes().front())) text.trim_front(1);
  while (!text.empty() && is_space((text.end() - 1)->bytes().back())) text.trim_back(1);
  return text;
}

}  // namespace

void to_upper_ascii(std::span<std::byte> text) noexcept {
  for (std::byte& byte : text) {
    const auto letter = std::to_integer<unsigned>(byte);
    // Without a branch, so that it is done many bytes at a time.
    byte = static_cast<std::byte>(letter - (letter - 'a' < 26 ? 'a' - 'A' : 0U));
  }
}

UpperLines::UpperLines(std::size_t line_bytes_max)
    : deframer_(line_deframer(line_bytes_max, DelimiterBytes::kept)) {}

UpperLines::Taken UpperLines::take_lines(Chain& inbox, Chain& answers) {
  for (std::size_t count = 0; count < lines_per_turn_max; ++count) {
    Result<std::optional<Chain>> line = deframer_.next(inbox);
    if (!line) return {.error = line.error()};
    if (!*line) return {};
    answer(std::move(**line), answers);
  }
  return {.may_be_more = true};
}

Result<void> UpperLines::take_rest(Chain& inbox, Chain& answers) {
  Result<std::optional<Chain>> rest = deframer_.finish(inbox);
  if (!rest) return std::unexpected(rest.error());
  if (*rest) answer(std::move(**rest), answers);
  return {};
}

UpperLine::UpperLine(std::size_t line_bytes_max)
    : deframer_(line_deframer(line_bytes_max, DelimiterBytes::stripped)) {}

Result<std::optional<Chain>> UpperLine::take(Chain& inbox, StreamEnd stream_end) {
  Result<std::optional<Chain>> line = deframer_.next(inbox);
  if (line && !*line && stream_end == StreamEnd::seen) line = deframer_.finish(inbox);
  if (!line || !*line) return line;
  Chain reply;
  answer(stripped(std::move(**line)), reply);
  return std::optional<Chain>(std::move(reply));
}

}  // namespace weir::tools::serve
