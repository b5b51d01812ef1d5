// Queries off the wire, read strictly.
//
//     0    2       4         6         8         10        12
//     +----+-------+---------+---------+---------+---------+----------+----------------
//     | id | flags | QDCOUNT | ANCOUNT | NSCOUNT | ARCOUNT | question | records (OPT...)
//     +----+-------+---------+---------+---------+---------+----------+----------------
//
// RFC 1035 section 4, RFC 2181, RFC 6891 (EDNS); what is answered to what is wrong: RFC 8906.
// No allocation, no state; bytes are only read within the span.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "name.h"

namespace dns_responder {

inline constexpr std::size_t header_bytes = 12;

/// Types of records, and what a question may ask for instead of one. Any other number is a type
/// that no zone here has.
enum class RecordType : std::uint16_t {
  a = 1,
  ns = 2,
  cname = 5,
  soa = 6,
  ptr = 12,
  mx = 15,
  txt = 16,
  aaaa = 28,
  srv = 33,
  opt = 41,
  ds = 43,
  tkey = 249,
  tsig = 250,
  ixfr = 251,
  axfr = 252,
  mailb = 253,
  maila = 254,
  any = 255,
  caa = 257,
};

inline constexpr std::uint16_t class_in = 1;

/// Response codes; those above 15 have their upper bits in the OPT record.
enum class Rcode : std::uint16_t {
  no_error = 0,
  format_error = 1,
  server_failure = 2,
  name_error = 3,
  not_implemented = 4,
  refused = 5,
  bad_version = 16,
};

/// Bits of the header's second word.
namespace flag {
inline constexpr std::uint16_t response = 0x8000;
inline constexpr std::uint16_t opcode_mask = 0x7800;
inline constexpr std::uint16_t authoritative = 0x0400;
inline constexpr std::uint16_t truncated = 0x0200;
inline constexpr std::uint16_t recursion_desired = 0x0100;
inline constexpr std::uint16_t checking_disabled = 0x0010;
}  // namespace flag

/// What the OPT record of a query says. Options are checked for their shape and ignored.
struct Edns {
  std::uint16_t payload_bytes = 0;  ///< largest UDP response that the client takes
  std::uint8_t version = 0;
  bool is_dnssec_ok = false;
};

struct Query {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;
  std::size_t question_bytes = 0;  ///< behind the header; 0: there is none to be echoed
  Name name;                       ///< in small letters
  RecordType type{};
  std::uint16_t query_class = 0;
  std::optional<Edns> edns;
};

/// Reads one message into `query`, as far as it is good.
///
/// \returns  `no_error`: answer it; `format_error`, `not_implemented` or `bad_version`: say so;
///           `nullopt`: say nothing, because it is a response or has no whole header
[[nodiscard]] std::optional<Rcode> parse_query(std::span<const std::byte> message,
                                               Query& query) noexcept;

}  // namespace dns_responder
