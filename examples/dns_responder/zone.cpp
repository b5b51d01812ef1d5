#include "zone.h"

#include <algorithm>
#include <optional>

#include "weir/base/bytes.h"

namespace dns_responder {

const RecordSet* Node::find(RecordType type) const noexcept {
  for (const RecordSet& set : sets) {
    if (set.type == type) return &set;
  }
  return nullptr;
}

namespace {

/// What a node that is not behind a cut has for `type`.
Lookup answer_from(const Node& node, RecordType type) noexcept {
  if (node.sets.empty()) return {.finding = Finding::no_records, .node = &node};
  if (type == RecordType::any) {
    return {.finding = Finding::records, .set = &node.sets.front(), .node = &node};
  }
  if (const RecordSet* const set = node.find(type)) {
    return {.finding = Finding::records, .set = set, .node = &node};
  }
  // A CNAME stands alone.
  if (node.sets.front().type == RecordType::cname) {
    return {.finding = Finding::alias, .set = &node.sets.front(), .node = &node};
  }
  return {.finding = Finding::no_records, .node = &node};
}

}  // namespace

Lookup Zone::find(const Name& name, RecordType type) const noexcept {
  if (name.label_count() < origin_.label_count()) return {.finding = Finding::out_of_zone};
  const unsigned depth = name.label_count() - origin_.label_count();
  if (!std::ranges::equal(name.suffix(depth), origin_.wire())) {
    return {.finding = Finding::out_of_zone};
  }
  const Node* encloser = apex_;
  unsigned skipped = 0;
  for (; skipped < depth; ++skipped) {
    const auto found = nodes_.find(key_of(name.suffix(skipped)));
    if (found == nodes_.end()) continue;
    encloser = &found->second;
    break;
  }
  const bool is_there = skipped == 0;
  // The parent answers for the DS of a cut itself (RFC 4035 section 3.1.4.1).
  const bool is_parents = is_there && type == RecordType::ds && encloser->cut == encloser;
  if (encloser->cut != nullptr && !is_parents) {
    return {.finding = Finding::referral,
            .set = encloser->cut->find(RecordType::ns),
            .node = encloser->cut};
  }
  if (is_there) return answer_from(*encloser, type);
  // Only the closest encloser's wildcard counts (RFC 4592 section 3.3.1).
  if (encloser->wildcard != nullptr) return answer_from(*encloser->wildcard, type);
  return {.finding = Finding::no_name, .node = encloser};
}

ZoneBuilder::ZoneBuilder(const Name& origin) : zone_(std::make_unique<Zone>()) {
  zone_->origin_ = origin.lowered();
  zone_->apex_ = &node_of(zone_->origin_);
}

/// Makes what is between the apex and `owner` too.
Node& ZoneBuilder::node_of(const Name& owner) {
  const unsigned depth = owner.label_count() - zone_->origin_.label_count();
  for (unsigned skipped = depth; skipped > 0; --skipped) {
    const auto made = zone_->nodes_.try_emplace(std::string(key_of(owner.suffix(skipped)))).first;
    made->second.key = made->first;
  }
  const auto made = zone_->nodes_.try_emplace(std::string(key_of(owner.wire()))).first;
  made->second.key = made->first;
  return made->second;
}

bool ZoneBuilder::add(const Name& owner, RecordType type, std::uint32_t ttl_s,
                      std::vector<std::byte> content, ZoneProblem& problem) {
  const Name key = owner.lowered();
  const Name& origin = zone_->origin_;
  const bool is_within =
      key.label_count() >= origin.label_count() &&
      std::ranges::equal(key.suffix(key.label_count() - origin.label_count()), origin.wire());
  if (!is_within) {
    problem = {.what = owner.to_string() + " is outside of the zone " + origin.to_string(),
               .remedy = "put it into the file of its own zone"};
    return false;
  }
  Node& node = node_of(key);
  const bool is_apex = &node == zone_->apex_;
  if (type == RecordType::soa && !is_apex) {
    problem = {.what = "a SOA below the zone's apex", .remedy = "a zone has one SOA, at its apex"};
    return false;
  }
  if (type == RecordType::ns && key.wire()[0] == std::byte{1} && key.wire()[1] == std::byte{'*'}) {
    problem = {.what = "a wildcard that delegates", .remedy = "delegate each name by itself"};
    return false;
  }
  const auto same = std::ranges::find(node.sets, type, &RecordSet::type);
  const bool is_new = same == node.sets.end();
  const bool is_alias = type == RecordType::cname;
  if (is_new && !node.sets.empty() && (is_alias || node.find(RecordType::cname) != nullptr)) {
    problem = {.what = owner.to_string() + " has a CNAME and other records",
               .remedy = "a CNAME must be alone (RFC 1034 section 3.6.2)"};
    return false;
  }
  if (is_new) {
    node.sets.push_back({.type = type, .ttl_s = ttl_s, .records = {}});
    node.sets.back().records.push_back({.content = std::move(content)});
    ++zone_->record_count_;
    return true;
  }
  if (std::ranges::any_of(same->records, [&](const Record& r) { return r.content == content; })) {
    return true;
  }
  if (is_alias || type == RecordType::soa) {
    problem = {
        .what = "a second " + std::string(is_alias ? "CNAME" : "SOA") + " at " + owner.to_string(),
        .remedy = "remove one of them"};
    return false;
  }
  if (same->ttl_s != ttl_s) {
    problem = {.what = "TTL " + std::to_string(ttl_s) + " differs from the " +
                       std::to_string(same->ttl_s) + " of the same name and type",
               .remedy = "give all records of a set one TTL (RFC 2181 section 5.2)"};
    return false;
  }
  same->records.push_back({.content = std::move(content)});
  ++zone_->record_count_;
  return true;
}

std::unique_ptr<const Zone> ZoneBuilder::finish(ZoneProblem& problem) && {
  const RecordSet* const soa = zone_->apex_->find(RecordType::soa);
  if (soa == nullptr) {
    problem = {.what = "the zone " + zone_->origin_.to_string() + " has no SOA",
               .remedy = "begin the file with one"};
    return nullptr;
  }
  if (zone_->apex_->find(RecordType::ns) == nullptr) {
    problem = {.what = "the zone " + zone_->origin_.to_string() + " has no NS",
               .remedy = "name its servers at the apex"};
    return nullptr;
  }
  zone_->negative_soa_ = *soa;
  const std::span<const std::byte> content = soa->records.front().content;
  const auto minimum_s = weir::load_be<std::uint32_t>(content.last(sizeof(std::uint32_t)));
  zone_->negative_soa_.ttl_s = std::min(soa->ttl_s, minimum_s);
  link_nodes();
  return std::move(zone_);
}

void ZoneBuilder::link_nodes() {
  for (auto& [key, node] : zone_->nodes_) {
    const Name name = Name::from_wire(node.name());
    const unsigned depth = name.label_count() - zone_->origin_.label_count();
    // The topmost cut wins: a server of the parent does not know what is below.
    for (unsigned skipped = 0; skipped < depth; ++skipped) {
      const Node& above = zone_->nodes_.find(key_of(name.suffix(skipped)))->second;
      if (above.find(RecordType::ns) != nullptr) node.cut = &above;
    }
    static constexpr std::array star{std::byte{'*'}};
    Name wildcard;
    if (wildcard.append_label(star) && wildcard.append(name)) {
      const auto found = zone_->nodes_.find(key_of(wildcard.wire()));
      if (found != zone_->nodes_.end()) node.wildcard = &found->second;
    }
    for (RecordSet& set : node.sets) link_targets(set);
  }
}

void ZoneBuilder::link_targets(RecordSet& set) {
  std::size_t offset = 0;  // of the name in the content
  if (set.type == RecordType::mx) {
    offset = 2;
  } else if (set.type == RecordType::srv) {
    offset = 6;
  } else if (set.type != RecordType::ns) {
    return;
  }
  for (Record& record : set.records) {
    const std::span<const std::byte> content = record.content;
    const Name target = Name::from_wire(content.subspan(offset)).lowered();
    const auto found = zone_->nodes_.find(key_of(target.wire()));
    if (found != zone_->nodes_.end()) record.target = &found->second;
  }
}

}  // namespace dns_responder
