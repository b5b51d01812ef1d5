#include "name.h"

#include <algorithm>
#include <cstring>

namespace dns_responder {
namespace {

/// The header of a message comes before.
constexpr std::size_t first_name_offset = 12;

/// A letter of a label as a zone file writes it.
void put_letter(std::string& text, unsigned letter) {
  if (letter < 0x21 || letter > 0x7e) {
    text += '\\';
    for (const unsigned place : {100U, 10U, 1U}) {
      text += static_cast<char>('0' + letter / place % 10);
    }
    return;
  }
  if (std::strchr(".\\\"();@$", static_cast<char>(letter)) != nullptr) text += '\\';
  text += static_cast<char>(letter);
}

}  // namespace

bool equal_ignoring_case(std::span<const std::byte> a, std::span<const std::byte> b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

Name Name::from_wire(std::span<const std::byte> wire) noexcept {
  Name name;
  while (wire[0] != std::byte{0}) {
    const std::size_t size = std::to_integer<std::size_t>(wire[0]);
    if (!name.append_label(wire.subspan(1, size))) break;
    wire = wire.subspan(1 + size);
  }
  return name;
}

bool Name::append_label(std::span<const std::byte> label) noexcept {
  if (label.empty() || label.size() > label_bytes_max) return false;
  if (size_ + 1 + label.size() > wire_bytes_max) return false;
  std::size_t at = size_ - std::size_t{1};
  label_starts_[label_count_++] = static_cast<std::uint8_t>(at);
  wire_[at++] = static_cast<std::byte>(label.size());
  std::ranges::copy(label, wire_.begin() + static_cast<std::ptrdiff_t>(at));
  at += label.size();
  wire_[at] = std::byte{0};
  size_ = static_cast<std::uint8_t>(at + 1);
  return true;
}

bool Name::append(const Name& suffix) noexcept {
  if (size_ + suffix.size_ - std::size_t{1} > wire_bytes_max) return false;
  for (unsigned i = 0; i < suffix.label_count_; ++i) {
    const std::size_t start = suffix.label_starts_[i];
    const auto size = std::to_integer<std::size_t>(suffix.wire_[start]);
    if (!append_label(suffix.wire().subspan(start + 1, size))) return false;
  }
  return true;
}

Name Name::lowered() const noexcept {
  Name name = *this;
  for (std::size_t i = 0; i < size_; ++i) name.wire_[i] = lower(wire_[i]);
  return name;
}

std::string Name::to_string() const {
  if (label_count_ == 0) return ".";
  std::string text;
  for (unsigned i = 0; i < label_count_; ++i) {
    const std::size_t start = label_starts_[i];
    const auto size = std::to_integer<std::size_t>(wire_[start]);
    for (const std::byte letter : wire().subspan(start + 1, size)) {
      put_letter(text, std::to_integer<unsigned>(letter));
    }
    text += '.';
  }
  return text;
}

std::optional<std::size_t> read_name(std::span<const std::byte> message, std::size_t offset,
                                     Name& name) noexcept {
  std::optional<std::size_t> end;  // behind the first pointer
  std::size_t bound = offset;      // where the labels since the last pointer began
  std::size_t at = offset;
  std::size_t size = 0;
  name.label_count_ = 0;
  for (;;) {
    if (at >= message.size()) return std::nullopt;
    const auto length = std::to_integer<std::size_t>(message[at]);
    if (length == 0) break;
    if (length >= 0xc0) {
      if (at + 1 >= message.size()) return std::nullopt;
      const std::size_t target =
          (length & 0x3f) << 8 | std::to_integer<std::size_t>(message[at + 1]);
      if (target < first_name_offset || target >= bound) return std::nullopt;
      if (!end) end = at + 2;
      bound = at = target;
      continue;
    }
    // The byte of the root must fit too.
    if (length > Name::label_bytes_max || size + 1 + length + 1 > Name::wire_bytes_max ||
        length >= message.size() - at) {
      return std::nullopt;
    }
    name.label_starts_[name.label_count_++] = static_cast<std::uint8_t>(size);
    for (std::size_t i = 0; i <= length; ++i) name.wire_[size + i] = lower(message[at + i]);
    size += 1 + length;
    at += 1 + length;
  }
  name.wire_[size] = std::byte{0};
  name.size_ = static_cast<std::uint8_t>(size + 1);
  return end ? end : at + 1;
}

}  // namespace dns_responder
