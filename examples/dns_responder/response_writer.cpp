#include "response_writer.h"

#include <cstring>

#include "weir/base/assert.h"
#include "weir/base/bytes.h"

namespace dns_responder {
namespace {

using weir::store_be;

/// Of the name at the front of `bytes`.
std::size_t name_bytes(std::span<const std::byte> bytes) noexcept {
  std::size_t at = 0;
  while (bytes[at] != std::byte{0}) at += 1 + std::to_integer<std::size_t>(bytes[at]);
  return at + 1;
}

}  // namespace

void ResponseWriter::put_question(std::span<const std::byte> question, const Name& name) noexcept {
  WEIR_ASSERT(size_ == header_bytes);
  const bool fits = put_bytes(question);
  WEIR_ASSERT(fits);
  question_count_ = 1;
  for (unsigned i = 0; i < name.label_count(); ++i) {
    add_target(name.suffix(i), header_bytes + name.label_start(i));
  }
}

bool ResponseWriter::put_set(Section section, std::span<const std::byte> owner,
                             const RecordSet& set) noexcept {
  const std::size_t size_before = size_;
  const std::size_t targets_before = target_count_;
  for (const Record& record : set.records) {
    if (!put_record(owner, set, record.content)) {
      size_ = size_before;
      target_count_ = targets_before;
      return false;
    }
  }
  std::uint16_t& count = record_counts_[static_cast<std::size_t>(section)];
  count = static_cast<std::uint16_t>(count + set.records.size());
  return true;
}

bool ResponseWriter::put_record(std::span<const std::byte> owner, const RecordSet& set,
                                std::span<const std::byte> content) noexcept {
  // Type, class, TTL, length.
  std::array<std::byte, 10> tail;
  if (!put_name(owner) || room_bytes() < tail.size()) return false;
  const std::size_t tail_at = size_;
  size_ += tail.size();
  if (!put_content(set.type, content)) return false;
  store_be<std::uint16_t>(&tail[0], static_cast<std::uint16_t>(set.type));
  store_be<std::uint16_t>(&tail[2], class_in);
  store_be<std::uint32_t>(&tail[4], set.ttl_s);
  store_be<std::uint16_t>(&tail[8], static_cast<std::uint16_t>(size_ - tail_at - tail.size()));
  std::memcpy(response_.data() + tail_at, tail.data(), tail.size());
  return true;
}

bool ResponseWriter::put_content(RecordType type, std::span<const std::byte> content) noexcept {
  switch (type) {
    case RecordType::ns:
    case RecordType::cname:
    case RecordType::ptr:
      return put_name(content);
    case RecordType::mx:
      return put_bytes(content.first(2)) && put_name(content.subspan(2));
    case RecordType::soa: {
      const std::size_t server_bytes = name_bytes(content);
      const std::span<const std::byte> rest = content.subspan(server_bytes);
      const std::size_t mailbox_bytes = name_bytes(rest);
      return put_name(content.first(server_bytes)) && put_name(rest.first(mailbox_bytes)) &&
             put_bytes(rest.subspan(mailbox_bytes));
    }
    default:
      // Names in all other types stand in full: a reader that does not know the type cannot follow
      // pointers in it (RFC 3597 section 4).
      return put_bytes(content);
  }
}

bool ResponseWriter::put_u16(std::uint16_t value) noexcept {
  if (room_bytes() < sizeof value) return false;
  store_be<std::uint16_t>(response_.data() + size_, value);
  size_ += sizeof value;
  return true;
}

bool ResponseWriter::put_bytes(std::span<const std::byte> bytes) noexcept {
  if (room_bytes() < bytes.size()) return false;
  std::memcpy(response_.data() + size_, bytes.data(), bytes.size());
  size_ += bytes.size();
  return true;
}

bool ResponseWriter::put_name(std::span<const std::byte> name) noexcept {
  while (name[0] != std::byte{0}) {
    if (const PointerTarget* const target = find_target(name)) {
      return put_u16(static_cast<std::uint16_t>(0xc000U | target->offset));
    }
    const std::size_t label_bytes = 1 + std::to_integer<std::size_t>(name[0]);
    const std::size_t offset = size_;
    if (!put_bytes(name.first(label_bytes))) return false;
    add_target(name, offset);
    name = name.subspan(label_bytes);
  }
  return put_bytes(name.first(1));
}

const ResponseWriter::PointerTarget* ResponseWriter::find_target(
    std::span<const std::byte> name) const noexcept {
  for (std::size_t i = 0; i < target_count_; ++i) {
    const PointerTarget& target = targets_[i];
    if (target.name.size() != name.size()) continue;
    if (target.name.data() == name.data() || equal_ignoring_case(target.name, name)) return &target;
  }
  return nullptr;
}

void ResponseWriter::add_target(std::span<const std::byte> name, std::size_t offset) noexcept {
  if (target_count_ == targets_.size() || offset >= pointer_offset_end) return;
  targets_[target_count_++] = {.name = name, .offset = static_cast<std::uint16_t>(offset)};
}

void ResponseWriter::put_opt(std::uint16_t payload_bytes, Rcode rcode, bool is_dnssec_ok) noexcept {
  // Root, type, size, upper bits of the code, version 0, DO, no options.
  std::array<std::byte, 11> opt{};
  store_be<std::uint16_t>(&opt[1], static_cast<std::uint16_t>(RecordType::opt));
  store_be<std::uint16_t>(&opt[3], payload_bytes);
  opt[5] = static_cast<std::byte>(static_cast<std::uint16_t>(rcode) >> 4);
  opt[7] = is_dnssec_ok ? std::byte{0x80} : std::byte{0};
  reserved_bytes_ = 0;
  const bool fits = put_bytes(opt);
  WEIR_ASSERT(fits);
  ++record_counts_[static_cast<std::size_t>(Section::additional)];
}

std::size_t ResponseWriter::finish(std::uint16_t id, std::uint16_t flags, Rcode rcode) noexcept {
  std::byte* const header = response_.data();
  store_be<std::uint16_t>(header, id);
  const unsigned low_code = static_cast<unsigned>(rcode) & 0xf;
  store_be<std::uint16_t>(header + 2, static_cast<std::uint16_t>(flags | low_code));
  store_be<std::uint16_t>(header + 4, question_count_);
  for (std::size_t i = 0; i < record_counts_.size(); ++i) {
    store_be<std::uint16_t>(header + 6 + 2 * i, record_counts_[i]);
  }
  return size_;
}

}  // namespace dns_responder
