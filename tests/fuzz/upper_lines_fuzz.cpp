// Properties of what a client of `weir serve upper` can send: however the bytes are cut, each line
// up to one that is too long is answered, as whoever looks at all of the text would answer it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/serve/upper_lines.h"
#include "weir/base/bytes.h"

namespace upper_lines_fuzz {
namespace {

using weir::Chain;
using weir::Error;
using weir::test::require;
using weir::tools::serve::UpperLine;
using weir::tools::serve::UpperLines;

struct Outcome {
  std::optional<std::string> answers;
  std::error_code error;

  bool operator==(const Outcome&) const = default;
};

std::string upper(std::string_view text) {
  std::string changed(text);
  for (char& letter : changed) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
  }
  return changed;
}

/// The first line of `text` with its end; what no end closes is one too.
std::string_view first_line(std::string_view text) {
  const std::size_t end = text.find('\n');
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

/// What a line is without its end. A last CR that no LF follows is of the line.
std::string_view content_of(std::string_view line) {
  if (line.ends_with("\r\n")) return line.substr(0, line.size() - 2);
  if (line.ends_with('\n')) return line.substr(0, line.size() - 1);
  return line;
}

Outcome expected_of_many(std::string_view text, std::size_t limit) {
  Outcome outcome{.answers = "", .error = {}};
  while (!text.empty()) {
    const std::string_view line = first_line(text);
    text.remove_prefix(line.size());
    if (content_of(line).size() > limit) {
      outcome.error = Error::frame_too_large;
      break;
    }
    *outcome.answers += upper(line);
  }
  return outcome;
}

Outcome expected_of_one(std::string_view text, std::size_t limit) {
  if (text.empty()) return {};
  constexpr std::string_view space = " \t\n\v\f\r";
  std::string_view line = content_of(first_line(text));
  if (line.size() > limit) return {.answers = {}, .error = Error::frame_too_large};
  line.remove_prefix(std::min(line.find_first_not_of(space), line.size()));
  line = line.substr(0, line.find_last_not_of(space) + 1);
  return {.answers = upper(line), .error = {}};
}

/// Calls `take` after each piece of `text`, until it returns false.
template <typename F>
void feed(std::string_view text, std::size_t piece_bytes, Chain& inbox, F take) {
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, piece_bytes);
    text.remove_prefix(piece.size());
    inbox.append(weir::Buffer::copy_of(weir::as_bytes(piece)));
    if (!take()) return;
  }
}

Outcome many(std::string_view text, std::size_t limit, std::size_t piece_bytes) {
  UpperLines lines(limit);
  Chain inbox;
  Chain answers;
  UpperLines::Taken taken;
  feed(text, piece_bytes, inbox, [&] {
    do {
      taken = lines.take_lines(inbox, answers);
    } while (taken.may_be_more);
    require(taken.error || inbox.size() <= limit + 1);  // and the CR of an end
    return !taken.error;
  });
  if (!taken.error) {
    const weir::Result<void> rest = lines.take_rest(inbox, answers);
    if (!rest) taken.error = rest.error();
  }
  return {.answers = answers.to_string(), .error = taken.error};
}

Outcome one(std::string_view text, std::size_t limit, std::size_t piece_bytes) {
  UpperLine line(limit);
  Chain inbox;
  weir::Result<std::optional<Chain>> reply = std::nullopt;
  feed(text, piece_bytes, inbox, [&] {
    reply = line.take(inbox, UpperLine::StreamEnd::not_seen);
    return reply && !*reply;
  });
  if (reply && !*reply) reply = line.take(inbox, UpperLine::StreamEnd::seen);
  if (!reply) return {.answers = {}, .error = reply.error()};
  if (!*reply) return {};
  return {.answers = (*reply)->to_string(), .error = {}};
}

}  // namespace

WEIR_FUZZ_TARGET(upper_lines)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::FuzzInput input(bytes, size);
  const std::size_t limit = input.byte();
  const std::size_t piece_bytes = 1 + input.byte() % 32;
  const std::string text = input.rest();

  const Outcome all = expected_of_many(text, limit);
  const Outcome first = expected_of_one(text, limit);
  weir::test::without_and_with_pool([&] {
    for (const std::size_t piece : {std::size_t{1}, piece_bytes, text.size() + 1}) {
      require(many(text, limit, piece) == all);
      require(one(text, limit, piece) == first);
    }
  });
  return 0;
}

}  // namespace upper_lines_fuzz
