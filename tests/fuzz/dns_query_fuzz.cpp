// Property: whatever is taken for a query, the response parses, belongs to it and keeps to its
// size; and no byte beyond the query is read (the sanitizers see that: it has memory of its own).
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "examples/dns_responder/responder.h"
#include "examples/dns_responder/zone_file.h"
#include "tests/examples/dns_responder/parsed_response.h"
#include "tests/fuzz/fuzz_target.h"

namespace dns_query_fuzz {
namespace {

using namespace dns_responder;

constexpr std::string_view zone_text = R"($TTL 60
$ORIGIN e.
@ SOA n h 1 2 3 4 5
@ NS n
@ MX 1 m
n A 192.0.2.1
m AAAA ::1
a.b.c A 192.0.2.2
*.w MX 1 m
w1 CNAME x.w
x CNAME y
y CNAME x
s NS n.s
s NS n
n.s A 192.0.2.3
t TXT 0123456789012345678901234567890123456789012345678901234567890123456789
t TXT 1123456789012345678901234567890123456789012345678901234567890123456789
t TXT 2123456789012345678901234567890123456789012345678901234567890123456789
t TXT 3123456789012345678901234567890123456789012345678901234567890123456789
t TXT 4123456789012345678901234567890123456789012345678901234567890123456789
t TXT 5123456789012345678901234567890123456789012345678901234567890123456789
t TXT 6123456789012345678901234567890123456789012345678901234567890123456789
)";

void require(bool holds) {
  if (!holds) std::abort();
}

void check(const Responder& responder, const std::vector<std::byte>& query, Transport transport,
           std::size_t room) {
  std::vector<std::byte> response(room);
  const std::size_t size = responder.respond(query, transport, response);
  require(size <= room);
  if (size == 0) {
    require(query.size() < header_bytes || (query[2] & std::byte{0x80}) != std::byte{0});
    return;
  }
  response.resize(size);
  const std::optional<test::ParsedResponse> parsed = test::parse_response(response);
  require(parsed.has_value());
  require(std::equal(query.begin(), query.begin() + 2, response.begin()));
  require(parsed->has(flag::response));
  if (transport == Transport::tcp) require(!parsed->has(flag::truncated));
  if (transport == Transport::udp && !parsed->edns_bytes) require(size <= response_bytes_min);
  if (parsed->rcode == 0 || parsed->rcode == 3) require(!parsed->question.empty());
}

}  // namespace

WEIR_FUZZ_TARGET(dns_query)(const std::uint8_t* bytes, std::size_t size) {
  static const std::unique_ptr<const Zone> zone =
      std::move(parse_zone_file(zone_text, "fuzz")).value();
  static const Responder responder(*zone, {.udp_payload_bytes_max = 600});
  const auto* const begin = reinterpret_cast<const std::byte*>(bytes);
  const std::vector<std::byte> query(begin, begin + size);

  check(responder, query, Transport::udp, 600);
  check(responder, query, Transport::tcp, response_bytes_max);
  return 0;
}

}  // namespace dns_query_fuzz
