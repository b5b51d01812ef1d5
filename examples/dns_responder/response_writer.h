// Writes a response into a caller's bytes: question, records, OPT. A set of records is written
// whole or not at all.
//
// Names are compressed (RFC 1035 section 4.1.4) against those written before, whatever their case;
// in record data only where the type is older than RFC 3597. No allocation.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "dns_message.h"
#include "name.h"
#include "zone.h"

namespace dns_responder {

enum class Section : std::uint8_t { answer, authority, additional };

/// Refers to the names of the query and the zone, which outlive it.
class ResponseWriter {
 public:
  /// `response` has room for a header, a question and an OPT at least: 512 bytes.
  explicit ResponseWriter(std::span<std::byte> response) noexcept : response_(response) {}

  /// Copies the question as it was asked, letter for letter; first of all.
  void put_question(std::span<const std::byte> question, const Name& name) noexcept;

  /// Keeps so many bytes free for the OPT.
  void reserve(std::size_t bytes) noexcept { reserved_bytes_ = bytes; }

  /// \returns false, with nothing written, if the set does not fit.
  [[nodiscard]] bool put_set(Section section, std::span<const std::byte> owner,
                             const RecordSet& set) noexcept;

  /// Into what is reserved.
  void put_opt(std::uint16_t payload_bytes, Rcode rcode, bool is_dnssec_ok) noexcept;

  /// Fills in the header. \returns the size of the response.
  [[nodiscard]] std::size_t finish(std::uint16_t id, std::uint16_t flags, Rcode rcode) noexcept;

 private:
  static constexpr std::size_t pointer_targets_max = 64;
  static constexpr std::size_t pointer_offset_end = 0x4000;

  /// A name in the response to which pointers may lead.
  struct PointerTarget {
    std::span<const std::byte> name;
    std::uint16_t offset;
  };

  [[nodiscard]] std::size_t room_bytes() const noexcept {
    return response_.size() - reserved_bytes_ - size_;
  }
  [[nodiscard]] bool put_u16(std::uint16_t value) noexcept;
  [[nodiscard]] bool put_bytes(std::span<const std::byte> bytes) noexcept;
  [[nodiscard]] bool put_name(std::span<const std::byte> name) noexcept;
  [[nodiscard]] bool put_record(std::span<const std::byte> owner, const RecordSet& set,
                                std::span<const std::byte> content) noexcept;
  [[nodiscard]] bool put_content(RecordType type, std::span<const std::byte> content) noexcept;
  [[nodiscard]] const PointerTarget* find_target(std::span<const std::byte> name) const noexcept;
  void add_target(std::span<const std::byte> name, std::size_t offset) noexcept;

  std::span<std::byte> response_;
  std::size_t size_ = header_bytes;
  std::size_t reserved_bytes_ = 0;
  std::size_t target_count_ = 0;
  std::uint16_t question_count_ = 0;
  std::array<std::uint16_t, 3> record_counts_{};
  std::array<PointerTarget, pointer_targets_max> targets_;  // the first target_count_ are set
};

}  // namespace dns_responder
