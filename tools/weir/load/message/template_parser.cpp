#include "tools/weir/load/message/template_parser.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/common/system_files.h"

namespace weir::tools::load {
namespace {

using Part = PayloadTemplate::Part;

// A request costs a visit of each part; who needs more writes a file.
constexpr std::size_t parts_max = 1000;
constexpr std::uint64_t drawn_characters_max = 1'000'000;

const std::vector<std::string>& known_names() {
  static const std::vector<std::string> names = {"seq", "conn",  "rand", "hex",
                                                 "int", "ts_ns", "pick"};
  return names;
}

/// `{rand:16}`
struct Field {
  std::string_view name;
  std::optional<std::string_view> value;
  std::size_t position;  ///< of its brace, from 1

  [[nodiscard]] std::unexpected<UsageError> error(std::string_view what) const {
    return usage_error(fmt::format("{{{}}} at position {}: {}", whole(), position, what));
  }
  [[nodiscard]] std::string whole() const {
    return value ? fmt::format("{}:{}", name, *value) : std::string(name);
  }
};

Checked<std::size_t> parse_character_count(const Field& field) {
  const auto count = parse_number(field.value.value_or(""));
  if (!count || *count == 0 || *count > drawn_characters_max) {
    return field.error(fmt::format("say how many characters, from 1 to {}: {{{}:16}}",
                                   drawn_characters_max, field.name));
  }
  return static_cast<std::size_t>(*count);
}

Checked<Part> parse_integer(const Field& field) {
  const std::string_view value = field.value.value_or("");
  const std::size_t dash = value.find('-');
  std::optional<std::uint64_t> min;
  std::optional<std::uint64_t> max;
  if (dash != std::string_view::npos) {
    min = parse_number(value.substr(0, dash));
    max = parse_number(value.substr(dash + 1));
  }
  if (!min || !max) return field.error("say from where to where: {int:1-1000}");
  if (*min > *max) return field.error("the first number must be the smaller one");
  return PayloadTemplate::Integer{.min = *min, .max = *max};
}

Checked<Part> parse_pick(const Field& field, FileReader read_file) {
  if (field.value.value_or("").empty()) return field.error("say which file: {pick:words.txt}");
  const auto content = read_file(*field.value);
  if (!content) return field.error(content.error().message);
  std::vector<std::string> lines = split_lines(*content);
  if (lines.empty()) return field.error("the file has no line");
  return PayloadTemplate::PickedLine{std::move(lines)};
}

Checked<Part> parse_field(const Field& field, FileReader read_file) {
  if (field.name == "rand" || field.name == "hex") {
    const auto count = parse_character_count(field);
    if (!count) return std::unexpected(count.error());
    if (field.name == "rand") return PayloadTemplate::RandomText{*count};
    return PayloadTemplate::HexDigits{*count};
  }
  if (field.name == "int") return parse_integer(field);
  if (field.name == "pick") return parse_pick(field, read_file);

  const bool is_known = std::ranges::find(known_names(), field.name) != known_names().end();
  if (!is_known) {
    return field.error(
        fmt::format("there is no \"{}\"{}", field.name, suggest(field.name, known_names())));
  }
  if (field.value) return field.error(fmt::format("{{{}}} takes no value", field.name));
  if (field.name == "seq") return PayloadTemplate::RequestNumber{};
  if (field.name == "conn") return PayloadTemplate::ConnectionNumber{};
  return PayloadTemplate::DueTime{};
}

/// Cuts a pattern at its braces.
class TemplateParser {
 public:
  TemplateParser(std::string_view text, FileReader read_file)
      : text_(text), read_file_(read_file) {}

  Checked<PayloadTemplate> parse() {
    while (at_ < text_.size()) {
      const std::size_t brace = std::min(text_.find_first_of("{}", at_), text_.size());
      append_literal(text_.substr(at_, brace - at_));
      at_ = brace;
      if (at_ == text_.size()) break;
      const auto taken = take_brace();
      if (!taken) return std::unexpected(taken.error());
      if (parts_.size() > parts_max) {
        return usage_error(
            fmt::format("more than {} parts; write a file and use --payload-file", parts_max));
      }
    }
    PayloadTemplate pattern(std::move(parts_));
    if (pattern.range().max > payload_bytes_max) {
      return usage_error(fmt::format("a payload of {} (at most {})",
                                     format_byte_size(static_cast<double>(pattern.range().max)),
                                     format_byte_size(static_cast<double>(payload_bytes_max))));
    }
    return pattern;
  }

 private:
  [[nodiscard]] std::size_t position() const noexcept { return at_ + 1; }

  void append_literal(std::string_view text) {
    if (text.empty()) return;
    if (parts_.empty() || !std::holds_alternative<std::string>(parts_.back())) {
      parts_.emplace_back(std::string());
    }
    std::get<std::string>(parts_.back()) += text;
  }

  Checked<void> take_brace() {
    const char brace = text_[at_];
    if (at_ + 1 < text_.size() && text_[at_ + 1] == brace) {
      append_literal(text_.substr(at_, 1));
      at_ += 2;
      return {};
    }
    if (brace == '}') {
      return usage_error(fmt::format(
          "\"}}\" at position {} closes nothing; write \"}}}}\" for a brace", position()));
    }
    const std::size_t end = text_.find_first_of("{}", at_ + 1);
    if (end == std::string_view::npos || text_[end] != '}') {
      return usage_error(fmt::format(
          "\"{{\" at position {} is never closed; write \"{{{{\" for a brace", position()));
    }
    const std::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    Field field{.name = inside.substr(0, colon), .value = {}, .position = position()};
    if (colon < inside.size()) field.value = inside.substr(colon + 1);
    auto part = parse_field(field, read_file_);
    if (!part) return std::unexpected(part.error());
    parts_.push_back(*std::move(part));
    at_ = end + 1;
    return {};
  }

  std::string_view text_;
  FileReader read_file_;
  std::size_t at_ = 0;
  std::vector<Part> parts_;
};

}  // namespace

Checked<PayloadTemplate> parse_payload_template(std::string_view text, FileReader read_file) {
  return TemplateParser(text, read_file).parse();
}

}  // namespace weir::tools::load
