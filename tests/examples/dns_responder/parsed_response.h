// A DNS response as text that tests can compare, read by a parser of its own: what the responder's
// writer gets wrong is not forgiven by the responder's reader.
//
//     NXDOMAIN aa rd                         code and flags
//     ? nope.example. 1                      question: name, type
//     authority example. 300 6 ...           records: section, owner, TTL, type, data in hex
//     opt 1232 do                            the OPT record
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dns_responder::test {

/// Bytes of `text`: see tests/support/wire_text.h.
[[nodiscard]] std::vector<std::byte> bytes_of(std::string_view text);

struct ParsedRecord {
  std::string section{};  ///< answer, authority, additional
  std::string owner{};
  std::uint16_t type = 0;
  std::uint32_t ttl_s = 0;
  std::string content{};  ///< names of NS, CNAME, PTR, MX and SOA in full; the rest in hex
};

struct ParsedResponse {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  unsigned rcode = 0;    ///< with the upper bits of the OPT
  std::string question;  ///< "name type", empty if there is none
  std::vector<ParsedRecord> records;
  std::optional<std::uint16_t> edns_bytes;
  bool is_dnssec_ok = false;

  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  [[nodiscard]] std::vector<std::string> lines(std::string_view section) const;
};

/// `nullopt` if anything about it is malformed: a bad name or pointer, a count that is wrong, bytes
/// left over.
[[nodiscard]] std::optional<ParsedResponse> parse_response(std::span<const std::byte> message);

/// A query as a resolver sends it.
struct QueryText {
  std::string_view name;  ///< labels with dots
  std::uint16_t type = 1;
  std::uint16_t query_class = 1;
  std::uint16_t flags = 0;
  std::optional<std::uint16_t> edns_bytes = std::nullopt;
};
[[nodiscard]] std::vector<std::byte> make_query(const QueryText& query);

}  // namespace dns_responder::test
