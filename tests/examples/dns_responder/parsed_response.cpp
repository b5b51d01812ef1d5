#include "tests/examples/dns_responder/parsed_response.h"

#include <algorithm>
#include <array>

#include "tests/support/wire_text.h"
#include "weir/base/bytes.h"

namespace dns_responder::test {
namespace {

constexpr std::array<const char*, 3> sections{"answer", "authority", "additional"};

/// Reads from the front; after the first thing that is not there it is bad for good.
class Reader {
 public:
  explicit Reader(std::span<const std::byte> message) : message_(message) {}

  [[nodiscard]] bool is_bad() const { return is_bad_; }
  [[nodiscard]] std::size_t at() const { return at_; }
  [[nodiscard]] bool is_at_end() const { return at_ == message_.size(); }

  std::uint32_t number(std::size_t bytes) {
    std::uint32_t value = 0;
    for (const std::byte byte : take(bytes)) {
      value = value << 8 | std::to_integer<std::uint32_t>(byte);
    }
    return value;
  }

  std::span<const std::byte> take(std::size_t bytes) {
    if (bytes > message_.size() - at_) {
      is_bad_ = true;
      return {};
    }
    at_ += bytes;
    return message_.subspan(at_ - bytes, bytes);
  }

  std::string name() {
    std::string text;
    std::size_t at = at_;
    bool has_jumped = false;
    for (unsigned steps = 0; steps < 300; ++steps) {
      if (at >= message_.size()) break;
      const auto length = std::to_integer<std::size_t>(message_[at]);
      if (length == 0) {
        if (!has_jumped) at_ = at + 1;
        return text.empty() ? "." : text;
      }
      if (length >= 0xc0) {
        if (at + 2 > message_.size()) break;
        if (!has_jumped) at_ = at + 2;
        has_jumped = true;
        const std::size_t target = weir::load_be<std::uint16_t>(message_.subspan(at)) & 0x3fffU;
        if (target >= at || target < 12) break;
        at = target;
        continue;
      }
      if (length > 63 || at + 1 + length > message_.size()) break;
      text += std::string(weir::as_text(message_.subspan(at + 1, length))) + ".";
      at += 1 + length;
    }
    is_bad_ = true;
    return {};
  }

 private:
  std::span<const std::byte> message_;
  std::size_t at_ = 0;
  bool is_bad_ = false;
};

std::string hex_of(std::span<const std::byte> bytes) {
  return weir::test::to_hex(weir::as_text(bytes));
}

std::string read_content(Reader& reader, unsigned type, std::size_t bytes) {
  const std::size_t end = reader.at() + bytes;
  std::string text;
  if (type == 2 || type == 5 || type == 12) text = reader.name();
  if (type == 15) {
    text = std::to_string(reader.number(2)) + " ";
    text += reader.name();
  }
  if (type == 6) {
    text = reader.name() + " ";
    text += reader.name();
    for (int i = 0; i < 5; ++i) text += " " + std::to_string(reader.number(4));
  }
  if (reader.at() > end) return {};
  if (text.empty()) return hex_of(reader.take(end - reader.at()));
  return text;
}

void read_opt(Reader& reader, ParsedResponse& response) {
  response.edns_bytes = static_cast<std::uint16_t>(reader.number(2));
  response.rcode |= reader.number(1) << 4;
  (void)reader.number(1);
  response.is_dnssec_ok = (reader.number(2) & 0x8000) != 0;
  (void)reader.take(reader.number(2));
}

bool read_record(Reader& reader, const char* section, ParsedResponse& response) {
  ParsedRecord record{.section = section, .owner = reader.name()};
  record.type = static_cast<std::uint16_t>(reader.number(2));
  if (record.type == 41) {
    if (record.owner != "." || response.edns_bytes) return false;
    read_opt(reader, response);
    return !reader.is_bad();
  }
  if (reader.number(2) != 1) return false;
  record.ttl_s = reader.number(4);
  const std::size_t bytes = reader.number(2);
  const std::size_t end = reader.at() + bytes;
  record.content = read_content(reader, record.type, bytes);
  if (reader.is_bad() || reader.at() != end) return false;
  response.records.push_back(record);
  return true;
}

void put_u16(std::vector<std::byte>& bytes, unsigned value) {
  bytes.push_back(static_cast<std::byte>(value >> 8));
  bytes.push_back(static_cast<std::byte>(value));
}

void put_name(std::vector<std::byte>& bytes, std::string_view name) {
  while (!name.empty() && name != ".") {
    const std::string_view label = name.substr(0, name.find('.'));
    bytes.push_back(static_cast<std::byte>(label.size()));
    bytes.insert(bytes.end(), weir::as_bytes(label).begin(), weir::as_bytes(label).end());
    name.remove_prefix(std::min(name.size(), label.size() + 1));
  }
  bytes.push_back(std::byte{0});
}

}  // namespace

std::vector<std::byte> bytes_of(std::string_view text) {
  const std::string bytes = weir::test::hex(text);
  return {weir::as_bytes(bytes).begin(), weir::as_bytes(bytes).end()};
}

std::vector<std::string> ParsedResponse::lines(std::string_view section) const {
  std::vector<std::string> lines;
  for (const ParsedRecord& record : records) {
    if (record.section != section) continue;
    lines.push_back(record.owner + " " + std::to_string(record.ttl_s) + " " +
                    std::to_string(record.type) + " " + record.content);
  }
  return lines;
}

std::optional<ParsedResponse> parse_response(std::span<const std::byte> message) {
  Reader reader(message);
  ParsedResponse response;
  response.id = static_cast<std::uint16_t>(reader.number(2));
  response.flags = static_cast<std::uint16_t>(reader.number(2));
  response.rcode = response.flags & 0xf;
  const std::uint32_t questions = reader.number(2);
  std::array<std::uint32_t, 3> counts{};
  for (std::uint32_t& count : counts) count = reader.number(2);
  if (reader.is_bad() || questions > 1) return std::nullopt;
  if (questions == 1) {
    response.question = reader.name() + " ";
    response.question += std::to_string(reader.number(2));
    (void)reader.number(2);
  }
  for (std::size_t section = 0; section < counts.size(); ++section) {
    for (std::uint32_t i = 0; i < counts[section]; ++i) {
      if (!read_record(reader, sections[section], response)) return std::nullopt;
    }
  }
  if (reader.is_bad() || !reader.is_at_end()) return std::nullopt;
  return response;
}

std::vector<std::byte> make_query(const QueryText& query) {
  std::vector<std::byte> bytes;
  put_u16(bytes, 0x1234);
  put_u16(bytes, query.flags);
  for (const unsigned count : {1U, 0U, 0U, query.edns_bytes ? 1U : 0U}) put_u16(bytes, count);
  put_name(bytes, query.name);
  put_u16(bytes, query.type);
  put_u16(bytes, query.query_class);
  if (query.edns_bytes) {
    bytes.push_back(std::byte{0});
    for (const unsigned word : {41U, unsigned{*query.edns_bytes}, 0U, 0U, 0U}) put_u16(bytes, word);
  }
  return bytes;
}

}  // namespace dns_responder::test
