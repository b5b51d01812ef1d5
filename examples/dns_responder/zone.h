// One zone and what it says to a question: RFC 1034 section 4.3.2, with wildcards as in RFC 4592.
//
//     example.                 SOA NS         the apex
//       a.b.example.           A              b.example. is there too, without records
//       *.wild.example.        TXT            for names below wild.example. that are not there
//       sub.example.           NS             a cut: what is below is somebody else's
//         ns.sub.example.      A              glue, for referrals only
//
// Built once by ZoneBuilder, then only read: shards share it without a lock. A lookup allocates
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dns_message.h"
#include "name.h"

namespace dns_responder {

struct Node;

struct Record {
  std::vector<std::byte> content;  ///< RDATA in wire form, its names not compressed
  const Node* target = nullptr;    ///< NS, MX, SRV: the name it gives, if it is in the zone
};

/// The records of one type at one name: answered whole or not at all.
struct RecordSet {
  RecordType type{};
  std::uint32_t ttl_s = 0;
  std::vector<Record> records;
};

/// A name that exists: it has records, or names below it have.
struct Node {
  std::string_view key;  ///< wire form, in small letters
  std::vector<RecordSet> sets;
  const Node* cut = nullptr;       ///< the zone cut at or above it, if any
  const Node* wildcard = nullptr;  ///< its child "*"

  [[nodiscard]] const RecordSet* find(RecordType type) const noexcept;
  [[nodiscard]] std::span<const std::byte> name() const noexcept {
    return std::as_bytes(std::span(key));
  }
};

enum class Finding : std::uint8_t {
  records,      ///< `set` answers
  alias,        ///< `set` is a CNAME: go on with its name
  no_records,   ///< the name is there, the type is not
  no_name,      ///< the name is not there
  referral,     ///< `set` are the NS records of the cut at `node`
  out_of_zone,  ///< ask somebody else
};

struct Lookup {
  Finding finding;
  const RecordSet* set = nullptr;
  const Node* node = nullptr;
};

class Zone {
 public:
  /// `name` in small letters. ANY finds one set of the name, whichever (RFC 8482 section 4.1).
  [[nodiscard]] Lookup find(const Name& name, RecordType type) const noexcept;

  [[nodiscard]] const Name& origin() const noexcept { return origin_; }
  [[nodiscard]] const Node& apex() const noexcept { return *apex_; }
  /// The SOA with the time for which "no" may be kept (RFC 2308 section 3).
  [[nodiscard]] const RecordSet& negative_soa() const noexcept { return negative_soa_; }
  [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

 private:
  friend class ZoneBuilder;

  struct KeyHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view key) const noexcept {
      return std::hash<std::string_view>{}(key);
    }
  };

  // Nodes do not move: they point to each other.
  std::unordered_map<std::string, Node, KeyHash, std::equal_to<>> nodes_;
  Name origin_;
  const Node* apex_ = nullptr;
  RecordSet negative_soa_;
  std::size_t record_count_ = 0;
};

/// Why a record cannot be part of the zone, or the zone not be served; with what to do about it.
struct ZoneProblem {
  std::string what;
  std::string remedy;
};

class ZoneBuilder {
 public:
  explicit ZoneBuilder(const Name& origin);

  /// Adds a record. \returns false, with `problem`, if it cannot stand beside the others. One that
  /// is there already is dropped (RFC 2181 section 5).
  [[nodiscard]] bool add(const Name& owner, RecordType type, std::uint32_t ttl_s,
                         std::vector<std::byte> content, ZoneProblem& problem);

  /// The zone, or null, with `problem`, if it lacks a SOA or NS.
  [[nodiscard]] std::unique_ptr<const Zone> finish(ZoneProblem& problem) &&;

 private:
  [[nodiscard]] Node& node_of(const Name& owner);
  void link_nodes();
  void link_targets(RecordSet& set);

  std::unique_ptr<Zone> zone_;
};

}  // namespace dns_responder
