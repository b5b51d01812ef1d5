// Which answers are right: `--expect echo`, `bytes:64`, `regex:^OK`, `none`.
#pragma once

#include <cstddef>
#include <regex>
#include <string>
#include <string_view>
#include <variant>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::load {

/// The payload of the request, every byte of it.
struct ExpectEcho {};

/// A payload of this size, whatever is in it.
struct ExpectBytes {
  std::size_t count = 0;
};

/// A payload in which the pattern is found: `^` and `$` tie it to the ends.
struct ExpectRegex {
  std::string text;
  std::regex pattern;  ///< matches the whole of an answer that is right
};

/// No answers: the load goes one way, and what the server sends nevertheless is not looked at.
struct ExpectNone {};

using Expectation = std::variant<ExpectEcho, ExpectBytes, ExpectRegex, ExpectNone>;

/// Answers longer than this are refused where a pattern is to be found in them: a byte costs 30 to
/// 130 ns with usual patterns, a time in which nothing is sent.
inline constexpr std::size_t matched_bytes_max = std::size_t{64} << 10;

/// Patterns are ECMAScript's without back-references.
[[nodiscard]] Checked<Expectation> parse_expectation(std::string_view text);

}  // namespace weir::tools::load
