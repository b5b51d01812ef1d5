#include "record_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

namespace dns_responder {
namespace {

constexpr std::size_t content_bytes_max = 65535;
constexpr std::size_t text_bytes_max = 255;
constexpr std::uint64_t time_s_max = 0x7fffffff;

struct TypeName {
  std::string_view text;
  RecordType type;
};
constexpr std::array<TypeName, 10> type_names{
    TypeName{"A", RecordType::a},         {"AAAA", RecordType::aaaa}, {"CAA", RecordType::caa},
    TypeName{"CNAME", RecordType::cname}, {"MX", RecordType::mx},     {"NS", RecordType::ns},
    TypeName{"PTR", RecordType::ptr},     {"SOA", RecordType::soa},   {"SRV", RecordType::srv},
    TypeName{"TXT", RecordType::txt}};

bool is_digit(char letter) noexcept { return letter >= '0' && letter <= '9'; }

std::byte lowered(char letter) noexcept { return lower(static_cast<std::byte>(letter)); }

/// A byte of a token: itself, or what \X or \DDD stands for.
struct Unescaped {
  std::byte byte{};
  std::size_t letters = 0;  ///< 0: the escape is malformed
  bool is_escaped = false;
};

Unescaped unescape(std::string_view text) noexcept {
  if (text[0] != '\\') return {.byte = static_cast<std::byte>(text[0]), .letters = 1};
  if (text.size() < 2) return {};
  if (!is_digit(text[1])) {
    return {.byte = static_cast<std::byte>(text[1]), .letters = 2, .is_escaped = true};
  }
  if (text.size() < 4 || !is_digit(text[2]) || !is_digit(text[3])) return {};
  const int value = (text[1] - '0') * 100 + (text[2] - '0') * 10 + (text[3] - '0');
  if (value > 255) return {};
  return {.byte = static_cast<std::byte>(value), .letters = 4, .is_escaped = true};
}

constexpr const char* escape_remedy = "write \\ and three digits up to 255, or \\ and a character";

std::uint64_t unit_s(char letter) noexcept {
  switch (letter) {
    case 's':
    case 'S':
      return 1;
    case 'm':
    case 'M':
      return 60;
    case 'h':
    case 'H':
      return 3600;
    case 'd':
    case 'D':
      return 86400;
    case 'w':
    case 'W':
      return 604800;
    default:
      return 0;
  }
}

/// Collects the labels of a name as its letters come.
class LabelCollector {
 public:
  [[nodiscard]] bool put(std::byte letter) noexcept {
    if (size_ == label_.size()) return false;
    label_[size_++] = letter;
    return true;
  }
  [[nodiscard]] bool end(Name& name) noexcept {
    const bool fits = name.append_label(std::span(label_).first(size_));
    size_ = 0;
    return fits;
  }
  [[nodiscard]] bool is_empty() const noexcept { return size_ == 0; }

 private:
  std::array<std::byte, Name::label_bytes_max> label_;
  std::size_t size_ = 0;
};

}  // namespace

std::optional<RecordType> parse_record_type(std::string_view text) noexcept {
  for (const TypeName& name : type_names) {
    if (std::ranges::equal(name.text, text, {}, lowered, lowered)) return name.type;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> parse_time_s(std::string_view text) noexcept {
  std::uint64_t total_s = 0;
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::uint32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    std::uint64_t unit = 1;
    if (!text.empty()) {
      unit = unit_s(text.front());
      if (unit == 0) return std::nullopt;
      text.remove_prefix(1);
    }
    total_s += number * unit;
    if (total_s > time_s_max) return std::nullopt;
  }
  return static_cast<std::uint32_t>(total_s);
}

std::optional<Name> parse_name(const Token& token, const Name* origin, TokenProblem& problem) {
  const auto refuse = [&](std::string what, std::string remedy) {
    problem = {.place = token.place, .what = std::move(what), .remedy = std::move(remedy)};
    return std::nullopt;
  };
  const std::string quoted = "\"" + std::string(token.text) + "\"";
  Name name;
  if (token.text == ".") return name;
  bool is_whole = false;
  if (token.text != "@" || token.is_quoted) {
    LabelCollector label;
    for (std::string_view text = token.text; !text.empty();) {
      const Unescaped letter = unescape(text);
      if (letter.letters == 0) return refuse("a bad escape in the name " + quoted, escape_remedy);
      text.remove_prefix(letter.letters);
      is_whole = letter.byte == std::byte{'.'} && !letter.is_escaped;
      if (is_whole ? !label.end(name) : !label.put(letter.byte)) {
        return refuse(quoted + " is not a name",
                      "labels have 1 to 63 bytes, a name at most 255 in all");
      }
    }
    if (!is_whole && !label.end(name)) {
      return refuse(quoted + " is not a name", "labels have 1 to 63 bytes, a name at most 255");
    }
    if (is_whole) return name;
  }
  if (origin == nullptr) {
    return refuse(quoted + " is relative to an origin that is not known",
                  "end it with a dot, or put $ORIGIN before it");
  }
  if (!name.append(*origin)) {
    return refuse(quoted + " is too long below " + origin->to_string(),
                  "a name has at most 255 bytes");
  }
  return name;
}

bool ContentParser::parse(RecordType type) {
  if (!parse_fields(type)) return false;
  if (!fields_.empty()) {
    return fail(fields_.front(), "more than a record of this type has",
                "remove it, or put it on a line of its own");
  }
  if (content_.size() > content_bytes_max) {
    problem_ = {.place = end_, .what = "a record of more than 65535 bytes", .remedy = "split it"};
    return false;
  }
  return true;
}

bool ContentParser::parse_fields(RecordType type) {
  switch (type) {
    case RecordType::a:
      return put_address(AF_INET, 4);
    case RecordType::aaaa:
      return put_address(AF_INET6, 16);
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
      return put_name();
    case RecordType::mx:
      return put_number("a preference", 2) && put_name();
    case RecordType::srv:
      return put_number("a priority", 2) && put_number("a weight", 2) && put_number("a port", 2) &&
             put_name();
    case RecordType::txt:
      return put_texts();
    case RecordType::soa:
      return put_soa();
    case RecordType::caa:
      return put_caa();
    default:
      // parse_record_type yields no other.
      return false;
  }
}

const Token* ContentParser::take(std::string_view what) {
  if (fields_.empty()) {
    problem_ = {.place = end_,
                .what = std::string(what) + " is missing",
                .remedy = "add it behind the others, or open a parenthesis before the line ends"};
    return nullptr;
  }
  const Token& token = fields_.front();
  fields_ = fields_.subspan(1);
  return &token;
}

bool ContentParser::put_name() {
  const Token* const token = take("a name");
  if (token == nullptr) return false;
  const std::optional<Name> name = parse_name(*token, origin_, problem_);
  if (!name) return false;
  content_.insert(content_.end(), name->wire().begin(), name->wire().end());
  return true;
}

bool ContentParser::put_address(int family, std::size_t bytes) {
  const Token* const token = take("an address");
  if (token == nullptr) return false;
  std::array<std::byte, 16> address;
  const std::string text(token->text);
  if (::inet_pton(family, text.c_str(), address.data()) != 1 ||
      text.size() != std::strlen(text.c_str())) {
    return fail(*token,
                "\"" + text + "\" is not an " + (family == AF_INET ? "IPv4" : "IPv6") + " address",
                family == AF_INET ? "write it like 192.0.2.1" : "write it like 2001:db8::1");
  }
  content_.insert(content_.end(), address.begin(),
                  address.begin() + static_cast<std::ptrdiff_t>(bytes));
  return true;
}

bool ContentParser::put_number(std::string_view what, std::size_t bytes) {
  const Token* const token = take(what);
  if (token == nullptr) return false;
  const std::uint64_t limit = (std::uint64_t{1} << (8 * bytes)) - 1;
  std::uint64_t value = 0;
  const char* const text_end = token->text.data() + token->text.size();
  const auto [end, error] = std::from_chars(token->text.data(), text_end, value);
  if (error != std::errc{} || end != text_end || value > limit) {
    return fail(*token, "\"" + std::string(token->text) + "\" is not " + std::string(what),
                "write a number from 0 to " + std::to_string(limit));
  }
  put_integer(value, bytes);
  return true;
}

bool ContentParser::put_time(std::string_view what) {
  const Token* const token = take(what);
  if (token == nullptr) return false;
  const std::optional<std::uint32_t> time_s = parse_time_s(token->text);
  if (!time_s) {
    return fail(*token, "\"" + std::string(token->text) + "\" is not " + std::string(what),
                "write seconds, or 1h, 1d12h and the like");
  }
  put_integer(*time_s, 4);
  return true;
}

/// One character-string: a byte of length and the text.
bool ContentParser::put_text() {
  const Token* const token = take("a text");
  if (token == nullptr) return false;
  const std::size_t length_at = content_.size();
  content_.push_back({});
  for (std::string_view text = token->text; !text.empty();) {
    const Unescaped letter = unescape(text);
    if (letter.letters == 0) return fail(*token, "a bad escape", escape_remedy);
    content_.push_back(letter.byte);
    text.remove_prefix(letter.letters);
  }
  const std::size_t bytes = content_.size() - length_at - 1;
  if (bytes > text_bytes_max) {
    return fail(*token, "a text of " + std::to_string(bytes) + " bytes",
                "cut it into several of at most 255, side by side");
  }
  content_[length_at] = static_cast<std::byte>(bytes);
  return true;
}

bool ContentParser::put_texts() {
  do {
    if (!put_text()) return false;
  } while (!fields_.empty() && content_.size() <= content_bytes_max);
  return true;
}

bool ContentParser::put_soa() {
  return put_name() && put_name() && put_number("a serial number", 4) &&
         put_time("a refresh time") && put_time("a retry time") && put_time("an expiry time") &&
         put_time("a time for negative answers");
}

/// Flags, a tag that is a character-string, and the value without a length (RFC 8659 section 4.1).
bool ContentParser::put_caa() {
  if (!put_number("the flags", 1)) return false;
  const std::size_t tag_at = content_.size();
  const Token* const tag = fields_.empty() ? nullptr : &fields_.front();
  if (!put_text()) return false;
  const auto is_bad = [](std::byte byte) {
    const auto letter = static_cast<char>(lower(byte));
    return !is_digit(letter) && (letter < 'a' || letter > 'z');
  };
  const auto letters = std::span(content_).subspan(tag_at + 1);
  if (letters.empty() || std::ranges::any_of(letters, is_bad)) {
    return fail(*tag, "\"" + std::string(tag->text) + "\" is not a tag",
                "write issue, issuewild or iodef");
  }
  const std::size_t value_at = content_.size();
  if (!put_text()) return false;
  content_.erase(content_.begin() + static_cast<std::ptrdiff_t>(value_at));
  return true;
}

void ContentParser::put_integer(std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = bytes; i-- > 0;)
    content_.push_back(static_cast<std::byte>(value >> (8 * i)));
}

bool ContentParser::fail(const Token& token, std::string what, std::string remedy) {
  problem_ = {.place = token.place, .what = std::move(what), .remedy = std::move(remedy)};
  return false;
}

}  // namespace dns_responder
