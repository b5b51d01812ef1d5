#include "dns_message.h"

#include "weir/base/bytes.h"

namespace dns_responder {
namespace {

using weir::load_be;

constexpr std::size_t question_tail_bytes = 4;  // type, class
constexpr std::size_t record_tail_bytes = 10;   // type, class, TTL, length of the data
constexpr std::size_t option_header_bytes = 4;  // code, length

struct Counts {
  std::uint16_t questions;
  std::uint16_t answers;
  std::uint16_t authorities;
  std::uint16_t additionals;
};

Counts counts_of(std::span<const std::byte> message) noexcept {
  return {.questions = load_be<std::uint16_t>(message.subspan(4)),
          .answers = load_be<std::uint16_t>(message.subspan(6)),
          .authorities = load_be<std::uint16_t>(message.subspan(8)),
          .additionals = load_be<std::uint16_t>(message.subspan(10))};
}

/// Walks over the records of a message.
class RecordReader {
 public:
  RecordReader(std::span<const std::byte> message, std::size_t at) noexcept
      : message_(message), at_(at) {}

  /// Steps over one record. \returns false if it is malformed.
  [[nodiscard]] bool next() noexcept {
    const std::optional<std::size_t> name_end = read_name(message_, at_, owner_);
    if (!name_end || message_.size() - *name_end < record_tail_bytes) return false;
    tail_ = message_.subspan(*name_end, record_tail_bytes);
    const std::size_t rest_bytes = message_.size() - *name_end - record_tail_bytes;
    const std::size_t content_bytes = load_be<std::uint16_t>(tail_.subspan(8));
    if (content_bytes > rest_bytes) return false;
    content_ = message_.subspan(*name_end + record_tail_bytes, content_bytes);
    at_ = *name_end + record_tail_bytes + content_bytes;
    return true;
  }

  [[nodiscard]] bool is_opt() const noexcept {
    return RecordType{load_be<std::uint16_t>(tail_)} == RecordType::opt;
  }
  [[nodiscard]] bool is_at_end() const noexcept { return at_ == message_.size(); }

  /// What the OPT record says; `nullopt` if its owner is not the root or an option is cut off.
  [[nodiscard]] std::optional<Edns> edns() const noexcept {
    if (owner_.label_count() != 0) return std::nullopt;
    for (std::span<const std::byte> options = content_; !options.empty();) {
      if (options.size() < option_header_bytes) return std::nullopt;
      const std::size_t bytes = option_header_bytes + load_be<std::uint16_t>(options.subspan(2));
      if (bytes > options.size()) return std::nullopt;
      options = options.subspan(bytes);
    }
    // The class is the size; the TTL is extended code, version, DO, fifteen zeros.
    return Edns{.payload_bytes = load_be<std::uint16_t>(tail_.subspan(2)),
                .version = std::to_integer<std::uint8_t>(tail_[5]),
                .is_dnssec_ok = (tail_[6] & std::byte{0x80}) != std::byte{0}};
  }

 private:
  std::span<const std::byte> message_;
  std::size_t at_;
  Name owner_;
  std::span<const std::byte> tail_;
  std::span<const std::byte> content_;
};

/// \returns where the records begin, 0 if there is no question.
std::size_t read_question(std::span<const std::byte> message, Query& query) noexcept {
  const std::optional<std::size_t> name_end = read_name(message, header_bytes, query.name);
  if (!name_end || message.size() - *name_end < question_tail_bytes) return 0;
  query.type = RecordType{load_be<std::uint16_t>(message.subspan(*name_end))};
  query.query_class = load_be<std::uint16_t>(message.subspan(*name_end + 2));
  query.question_bytes = *name_end + question_tail_bytes - header_bytes;
  return *name_end + question_tail_bytes;
}

/// Records that are not OPT say nothing to a server that has no keys.
Rcode read_records(std::span<const std::byte> message, std::size_t at, const Counts& counts,
                   Query& query) noexcept {
  RecordReader reader(message, at);
  for (unsigned i = 0; i < counts.authorities; ++i) {
    if (!reader.next() || reader.is_opt()) return Rcode::format_error;
  }
  std::optional<Edns> edns;
  for (unsigned i = 0; i < counts.additionals; ++i) {
    if (!reader.next()) return Rcode::format_error;
    if (!reader.is_opt()) continue;
    if (edns) return Rcode::format_error;
    edns = reader.edns();
    if (!edns) return Rcode::format_error;
  }
  query.edns = edns;
  if (edns && edns->version != 0) return Rcode::bad_version;
  return reader.is_at_end() ? Rcode::no_error : Rcode::format_error;
}

}  // namespace

std::optional<Rcode> parse_query(std::span<const std::byte> message, Query& query) noexcept {
  query.question_bytes = 0;
  query.edns.reset();
  if (message.size() < header_bytes) return std::nullopt;
  query.id = load_be<std::uint16_t>(message);
  query.flags = load_be<std::uint16_t>(message.subspan(2));
  // An answer to a response could be answered for ever.
  if ((query.flags & flag::response) != 0) return std::nullopt;
  // What follows the header has another meaning then.
  if ((query.flags & flag::opcode_mask) != 0) return Rcode::not_implemented;

  const Counts counts = counts_of(message);
  if (counts.questions != 1 || counts.answers != 0) return Rcode::format_error;
  const std::size_t records_at = read_question(message, query);
  if (records_at == 0) return Rcode::format_error;
  // Only who asks for a difference says what he has (RFC 1995).
  if (counts.authorities != 0 && query.type != RecordType::ixfr) return Rcode::format_error;
  if (records_at == message.size() && counts.additionals == 0 && counts.authorities == 0) {
    return Rcode::no_error;
  }
  return read_records(message, records_at, counts, query);
}

}  // namespace dns_responder
