#include "tools/weir/load/report/html_text.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";  // U+FFFD

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// The length of the UTF-8 sequence at the front of `text`, 0 if there is none: neither overlong
/// ones nor surrogates nor what lies beyond U+10FFFF (RFC 3629).
std::size_t sequence_bytes(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = first < 0x80   ? 1
                            : first < 0xC2 ? 0
                            : first < 0xE0 ? 2
                            : first < 0xF0 ? 3
                            : first < 0xF5 ? 4
                                           : 0;
  if (bytes < 2) return bytes;
  if (text.size() < bytes) return 0;
  for (std::size_t i = 1; i < bytes; ++i) {
    if (!is_continuation(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool is_refused = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                          (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return is_refused ? 0 : bytes;
}

std::string_view entity_of(char c) noexcept {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:  // tidy: every other character stands for itself
      return {};
  }
}

bool is_forbidden(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7F;
}

}  // namespace

std::string html_escaped(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t bytes = sequence_bytes(text);
    const std::string_view entity = entity_of(text[0]);
    if (bytes == 0 || is_forbidden(text[0])) {
      out += replacement;
    } else {
      out += entity.empty() ? text.substr(0, bytes) : entity;
    }
    text.remove_prefix(std::max<std::size_t>(bytes, 1));
  }
  return out;
}

std::string json_for_script(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out;
}

std::string HtmlTable::markup() const {
  std::string out = fmt::format("<div class=\"scroll\"><table{}>\n<caption>{}</caption>\n",
                                css_class.empty() ? "" : fmt::format(" class=\"{}\"", css_class),
                                html_escaped(caption));
  if (!head.empty()) {
    out += "<thead><tr>";
    for (const std::string& cell : head) out += fmt::format("<th scope=\"col\">{}</th>", cell);
    out += "</tr></thead>\n";
  }
  out += "<tbody>\n";
  for (const auto& row : rows) {
    out += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? fmt::format("<th scope=\"row\">{}</th>", row[i])
                    : fmt::format("<td>{}</td>", row[i]);
    }
    out += "</tr>\n";
  }
  return out + "</tbody></table></div>\n";
}

}  // namespace weir::tools::load
