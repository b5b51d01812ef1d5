#include "responder.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>

#include "dns_message.h"
#include "response_writer.h"
#include "weir/base/assert.h"

namespace dns_responder {
namespace {

constexpr std::size_t opt_bytes = 11;
/// Aliases followed for one question; the client asks on for the rest.
constexpr std::size_t aliases_max = 8;
/// Records of an answer whose targets' addresses are added.
constexpr std::size_t addressed_records_max = 16;

/// What has been found out for one response.
struct Answer {
  Rcode rcode = Rcode::no_error;
  std::uint16_t flags = 0;
};

/// Puts what the zone says about the query's name.
class AnswerWriter {
 public:
  AnswerWriter(const Zone& zone, ResponseWriter& writer) noexcept : zone_(zone), writer_(writer) {}

  [[nodiscard]] Answer put(const Query& query) noexcept {
    Lookup lookup = zone_.find(query.name, query.type);
    if (lookup.finding == Finding::out_of_zone) return {.rcode = Rcode::refused};
    if (lookup.finding != Finding::referral) answer_.flags |= flag::authoritative;
    std::span<const std::byte> owner = query.name.wire();
    std::array<const RecordSet*, aliases_max> followed;
    for (std::size_t aliases = 0; lookup.finding == Finding::alias; ++aliases) {
      const auto end = followed.begin() + static_cast<std::ptrdiff_t>(aliases);
      const bool is_circle = std::find(followed.begin(), end, lookup.set) != end;
      if (is_circle || aliases == aliases_max) return answer_;
      if (!put_needed(Section::answer, owner, *lookup.set)) return answer_;
      followed[aliases] = lookup.set;
      owner = lookup.set->records.front().content;
      lookup = zone_.find(Name::from_wire(owner).lowered(), query.type);
    }
    put_end(lookup, owner);
    return answer_;
  }

 private:
  /// What the last name of the chain has.
  void put_end(const Lookup& lookup, std::span<const std::byte> owner) noexcept {
    switch (lookup.finding) {
      case Finding::records:
        if (put_needed(Section::answer, owner, *lookup.set)) put_addresses(*lookup.set);
        return;
      case Finding::referral:
        put_referral(*lookup.node, *lookup.set);
        return;
      case Finding::no_name:
        answer_.rcode = Rcode::name_error;  // of the last name (RFC 6604)
        [[fallthrough]];
      case Finding::no_records:
        (void)put_needed(Section::authority, zone_.apex().name(), zone_.negative_soa());
        return;
      case Finding::out_of_zone:  // the client goes on elsewhere
      case Finding::alias:
        return;
    }
  }

  void put_referral(const Node& cut, const RecordSet& servers) noexcept {
    if (!put_needed(Section::authority, cut.name(), servers)) return;
    for (const Record& server : servers.records) {
      if (server.target == nullptr) continue;
      // Without the address of a server below the cut nobody gets there (RFC 9471).
      const bool is_needed = server.target->cut == &cut;
      for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
        const RecordSet* const glue = server.target->find(type);
        if (glue == nullptr) continue;
        const bool fits = writer_.put_set(Section::additional, server.target->name(), *glue);
        if (!fits && is_needed) answer_.flags |= flag::truncated;
      }
    }
  }

  /// Addresses that the client will ask for next, as far as there is room.
  void put_addresses(const RecordSet& set) noexcept {
    const std::size_t count = std::min(set.records.size(), addressed_records_max);
    for (std::size_t i = 0; i < count; ++i) {
      const Node* const target = set.records[i].target;
      const bool was_put =
          std::any_of(set.records.begin(), set.records.begin() + static_cast<std::ptrdiff_t>(i),
                      [target](const Record& r) { return r.target == target; });
      if (target == nullptr || target->cut != nullptr || was_put) continue;
      for (const RecordType type : {RecordType::a, RecordType::aaaa}) {
        const RecordSet* const addresses = target->find(type);
        if (addresses == nullptr) continue;
        if (!writer_.put_set(Section::additional, target->name(), *addresses)) return;
      }
    }
  }

  [[nodiscard]] bool put_needed(Section section, std::span<const std::byte> owner,
                                const RecordSet& set) noexcept {
    if (writer_.put_set(section, owner, set)) return true;
    answer_.flags |= flag::truncated;
    return false;
  }

  const Zone& zone_;
  ResponseWriter& writer_;
  Answer answer_;
};

/// Questions that are not for records are answered here.
Answer answer_query(const Zone& zone, const Query& query, ResponseWriter& writer) noexcept {
  switch (query.type) {
    case RecordType::axfr:
    case RecordType::ixfr:
      return {.rcode = Rcode::refused};
    case RecordType::maila:
    case RecordType::mailb:
      return {.rcode = Rcode::not_implemented};
    case RecordType::opt:
    case RecordType::tkey:
    case RecordType::tsig:
      return {.rcode = Rcode::format_error};
    default:
      break;
  }
  if (query.query_class != class_in) return {.rcode = Rcode::refused};
  return AnswerWriter(zone, writer).put(query);
}

std::size_t size_limit(const Query& query, Transport transport, std::size_t udp_bytes_max,
                       std::size_t room_bytes) noexcept {
  if (transport == Transport::tcp) return std::min(room_bytes, response_bytes_max);
  if (!query.edns) return response_bytes_min;
  // Less than 512 means 512 (RFC 6891 section 6.2.3).
  const std::size_t asked = std::max<std::size_t>(query.edns->payload_bytes, response_bytes_min);
  return std::min({asked, udp_bytes_max, room_bytes});
}

}  // namespace

std::size_t Responder::respond(std::span<const std::byte> query_bytes, Transport transport,
                               std::span<std::byte> response) const noexcept {
  WEIR_ASSERT(response.size() >= response_bytes_min);
  Query query;
  const std::optional<Rcode> parsed = parse_query(query_bytes, query);
  if (!parsed) return 0;
  ResponseWriter writer(response.first(
      size_limit(query, transport, options_.udp_payload_bytes_max, response.size())));
  if (query.question_bytes != 0) {
    writer.put_question(query_bytes.subspan(header_bytes, query.question_bytes), query.name);
  }
  if (query.edns) writer.reserve(opt_bytes);

  Answer answer{.rcode = *parsed};
  if (*parsed == Rcode::no_error) answer = answer_query(*zone_, query, writer);

  if (query.edns) {
    writer.put_opt(options_.udp_payload_bytes_max, answer.rcode, query.edns->is_dnssec_ok);
  }
  constexpr std::uint16_t copied =
      flag::opcode_mask | flag::recursion_desired | flag::checking_disabled;
  const auto flags =
      static_cast<std::uint16_t>(flag::response | answer.flags | (query.flags & copied));
  return writer.finish(query.id, flags, answer.rcode);
}

}  // namespace dns_responder
