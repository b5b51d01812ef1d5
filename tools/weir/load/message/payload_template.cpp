#include "tools/weir/load/message/payload_template.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/load/message/request_draws.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view letters_and_digits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::string_view hex_digits = "0123456789abcdef";

std::size_t digits_of(std::uint64_t number) { return fmt::formatted_size("{}", number); }

void append_drawn(std::string_view alphabet, std::size_t count, RequestDraws& draws,
                  std::string& text) {
  const auto size = static_cast<std::uint32_t>(alphabet.size());
  for (; count > 0; --count) text += alphabet[draws.next_below(size)];
}

std::uint64_t draw_between(std::uint64_t min, std::uint64_t max, RequestDraws& draws) {
  const std::uint64_t above = max - min;
  if (above < std::numeric_limits<std::uint32_t>::max()) {
    return min + draws.next_below(static_cast<std::uint32_t>(above) + 1);
  }
  // Too large ones are drawn again; half of all fit at least.
  const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(above);
  for (;;) {
    const std::uint64_t drawn = draws.next() & mask;
    if (drawn <= above) return min + drawn;
  }
}

/// Appends one part.
struct PartWriter {
  const TemplateFacts& facts;
  RequestDraws& draws;
  std::string& text;

  void number(std::uint64_t value) const {
    const fmt::format_int digits(value);
    text.append(digits.data(), digits.size());
  }

  void operator()(const std::string& literal) const { text += literal; }
  void operator()(PayloadTemplate::RequestNumber /*part*/) const { number(facts.request); }
  void operator()(PayloadTemplate::ConnectionNumber /*part*/) const { number(facts.connection); }
  void operator()(PayloadTemplate::DueTime /*part*/) const {
    number(static_cast<std::uint64_t>(std::max<std::int64_t>(facts.unix_time_ns, 0)));
  }
  void operator()(PayloadTemplate::RandomText part) const {
    append_drawn(letters_and_digits, part.count, draws, text);
  }
  void operator()(PayloadTemplate::HexDigits part) const {
    append_drawn(hex_digits, part.count, draws, text);
  }
  void operator()(PayloadTemplate::Integer part) const {
    number(draw_between(part.min, part.max, draws));
  }
  void operator()(const PayloadTemplate::PickedLine& part) const {
    text += part.lines[draws.next_below(static_cast<std::uint32_t>(part.lines.size()))];
  }
};

/// How long one part may be.
struct PartRange {
  ByteRange operator()(const std::string& literal) const {
    return {literal.size(), literal.size()};
  }
  ByteRange operator()(PayloadTemplate::RequestNumber /*part*/) const {
    return {1, digits_of(std::numeric_limits<std::uint64_t>::max())};
  }
  ByteRange operator()(PayloadTemplate::ConnectionNumber /*part*/) const {
    return {1, digits_of(std::numeric_limits<std::uint32_t>::max())};
  }
  ByteRange operator()(PayloadTemplate::DueTime /*part*/) const {
    return {1, digits_of(std::numeric_limits<std::int64_t>::max())};
  }
  ByteRange operator()(PayloadTemplate::RandomText part) const { return {part.count, part.count}; }
  ByteRange operator()(PayloadTemplate::HexDigits part) const { return {part.count, part.count}; }
  ByteRange operator()(PayloadTemplate::Integer part) const {
    return {digits_of(part.min), digits_of(part.max)};
  }
  ByteRange operator()(const PayloadTemplate::PickedLine& part) const {
    const auto [shortest, longest] =
        std::minmax_element(part.lines.begin(), part.lines.end(),
                            [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return {shortest->size(), longest->size()};
  }
};

}  // namespace

void PayloadTemplate::write(const TemplateFacts& facts, std::string& text) const {
  text.clear();
  RequestDraws draws(facts.seed, facts.connection, facts.request);
  const PartWriter writer{.facts = facts, .draws = draws, .text = text};
  for (const Part& part : parts_) std::visit(writer, part);
}

ByteRange PayloadTemplate::range() const noexcept {
  ByteRange total;
  for (const Part& part : parts_) {
    const ByteRange range = std::visit(PartRange{}, part);
    total.min += range.min;
    total.max += range.max;
  }
  return total;
}

bool PayloadTemplate::has_time() const noexcept {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return std::holds_alternative<DueTime>(part); });
}

bool PayloadTemplate::has_line_end() const noexcept {
  // Drawn text has none, and lines of a file have lost theirs.
  return std::any_of(parts_.begin(), parts_.end(), [](const Part& part) {
    const auto* const literal = std::get_if<std::string>(&part);
    return literal != nullptr && literal->find('\n') != std::string::npos;
  });
}

}  // namespace weir::tools::load
