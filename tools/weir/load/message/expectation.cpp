#include "tools/weir/load/message/expectation.h"

#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {
namespace {

// The standard library reads nested groups by recursion.
constexpr std::size_t pattern_bytes_max = 1000;

// libstdc++'s usual matcher goes one call deeper for each byte of the answer, with which a server
// can make the stack overflow, and may take exponential time. Its other one does neither as long as
// it matches the whole text: searching, it begins anew at each byte. So the pattern is put between
// two that match anything.
constexpr auto syntax = std::regex_constants::ECMAScript | std::regex_constants::nosubs |
                        std::regex_constants::__polynomial;

Checked<Expectation> parse_bytes(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes > payload_bytes_max) {
    return usage_error(fmt::format("bytes:{} is too many (at most {})", text,
                                   format_byte_size(static_cast<double>(payload_bytes_max))));
  }
  return ExpectBytes{static_cast<std::size_t>(*bytes)};
}

Checked<Expectation> parse_regex(std::string_view text) {
  if (text.empty()) return usage_error("regex: needs a pattern, such as regex:^OK");
  if (text.size() > pattern_bytes_max) {
    return usage_error(fmt::format("a pattern of {} bytes is too long (at most {})", text.size(),
                                   pattern_bytes_max));
  }
  try {
    (void)std::regex(text.data(), text.size(), std::regex_constants::ECMAScript);
    return ExpectRegex{
        .text = std::string(text),
        .pattern = std::regex(fmt::format("[\\s\\S]*(?:{})[\\s\\S]*", text), syntax)};
  } catch (const std::regex_error& error) {
    if (error.code() == std::regex_constants::error_complexity) {
      return usage_error(
          fmt::format("\"{}\" refers back to a group, which is not supported", text));
    }
    return usage_error(fmt::format("\"{}\" is not a regular expression: {}", text, error.what()));
  }
}

}  // namespace

Checked<Expectation> parse_expectation(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view kind = text.substr(0, colon);
  const bool has_value = colon != std::string_view::npos;
  if (kind == "bytes") return parse_bytes(has_value ? text.substr(colon + 1) : "");
  if (kind == "regex") return parse_regex(has_value ? text.substr(colon + 1) : "");
  if (kind != "echo" && kind != "none") {
    const std::vector<std::string> known = {"echo", "bytes:N", "regex:RE", "none"};
    return usage_error(fmt::format("there is no expectation \"{}\"{}", text, suggest(kind, known)));
  }
  if (has_value) return usage_error(fmt::format("{} takes no value", kind));
  if (kind == "echo") return ExpectEcho{};
  return ExpectNone{};
}

}  // namespace weir::tools::load
