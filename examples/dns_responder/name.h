// A domain name in wire form: labels behind their lengths, the root's empty one last.
//
//     www.example.    3 w w w 7 e x a m p l e 0
//
// At most 255 bytes, labels of 1 to 63 (RFC 1035 section 2.3.4). Held in place: no allocation.
// Names are equal whatever the case of their letters; the bytes keep the case they came with.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dns_responder {

/// 'A' to 'Z' become small, nothing else. Lengths of labels are below 'A', so that a whole wire
/// form can be lowered byte by byte.
[[nodiscard]] constexpr std::byte lower(std::byte byte) noexcept {
  const auto letter = std::to_integer<unsigned>(byte);
  return static_cast<std::byte>(letter + (letter - 'A' < 26 ? 'a' - 'A' : 0U));
}

[[nodiscard]] bool equal_ignoring_case(std::span<const std::byte> a,
                                       std::span<const std::byte> b) noexcept;

/// Invariant: wire()[label_start(i)] is the length of label i, and the last byte is the root's 0.
class Name {
 public:
  static constexpr std::size_t wire_bytes_max = 255;
  static constexpr std::size_t label_bytes_max = 63;
  static constexpr unsigned labels_max = 127;  ///< of one byte each

  /// The root.
  Name() noexcept { wire_[0] = std::byte{0}; }

  /// The name whose wire form, without pointers and known to be valid, is at the front of `wire`.
  [[nodiscard]] static Name from_wire(std::span<const std::byte> wire) noexcept;

  /// Puts a label behind the others. \returns false, and changes nothing, if it is empty or too
  /// long, or the name would be.
  [[nodiscard]] bool append_label(std::span<const std::byte> label) noexcept;
  /// The same with all labels of `suffix`.
  [[nodiscard]] bool append(const Name& suffix) noexcept;

  [[nodiscard]] Name lowered() const noexcept;

  [[nodiscard]] std::span<const std::byte> wire() const noexcept { return {wire_.data(), size_}; }
  /// Labels without the root's.
  [[nodiscard]] unsigned label_count() const noexcept { return label_count_; }
  /// Where label `index` begins; for `label_count()` where the root does.
  [[nodiscard]] std::size_t label_start(unsigned index) const noexcept {
    return index == label_count_ ? size_ - std::size_t{1} : label_starts_[index];
  }
  /// The name without its first `labels` labels.
  [[nodiscard]] std::span<const std::byte> suffix(unsigned labels) const noexcept {
    return wire().subspan(label_start(labels));
  }

  /// As a zone file writes it, with the final dot.
  [[nodiscard]] std::string to_string() const;

 private:
  friend std::optional<std::size_t> read_name(std::span<const std::byte> message,
                                              std::size_t offset, Name& name) noexcept;

  std::array<std::byte, wire_bytes_max> wire_;  // the first size_ are set
  std::array<std::uint8_t, labels_max> label_starts_;
  std::uint8_t size_ = 1;
  std::uint8_t label_count_ = 0;
};

/// Reads the name at `offset` of a message, through compression pointers (RFC 1035 section 4.1.4),
/// and makes its letters small.
///
/// A pointer must lead to before the labels it continues and not into the header, so that reading
/// ends whatever the bytes are.
/// \returns where the message goes on, or `nullopt` if there is no name: cut off, too long, a
///          pointer that leads elsewhere, a label of a type that nobody uses
[[nodiscard]] std::optional<std::size_t> read_name(std::span<const std::byte> message,
                                                   std::size_t offset, Name& name) noexcept;

/// Text as a key of a table of names.
[[nodiscard]] inline std::string_view key_of(std::span<const std::byte> wire) noexcept {
  return {reinterpret_cast<const char*>(wire.data()), wire.size()};
}

}  // namespace dns_responder
