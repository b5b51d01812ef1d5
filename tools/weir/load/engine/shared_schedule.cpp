#include "tools/weir/load/engine/shared_schedule.h"

#include <utility>

#include "weir/base/assert.h"

namespace weir::tools::load {

SharedSchedule::SharedSchedule(Schedule whole, const FlowRange& flows)
    : whole_(std::move(whole)), flows_(flows), backlogs_(flows.here) {
  WEIR_ASSERT(std::uint64_t{flows.first} + flows.here <= flows.all);
}

std::optional<Due> SharedSchedule::next(std::uint32_t flow) {
  if (auto& own = backlog_of(flow).waiting; !own.empty()) {
    const Due due = own.front();
    own.pop_front();
    return due;
  }
  while (const auto due = whole_.next()) {
    const auto owner = static_cast<std::uint32_t>(due->number % flows_.all);
    if (owner == flow) return due;
    if (owner < flows_.first || owner - flows_.first >= flows_.here) continue;
    Backlog& other = backlog_of(owner);
    if (other.waiting.size() < backlog_max) {
      other.waiting.push_back(*due);
    } else {
      ++other.left_out;
    }
  }
  return std::nullopt;
}

std::uint64_t SharedSchedule::take_left_out(std::uint32_t flow) noexcept {
  return std::exchange(backlog_of(flow).left_out, 0);
}

SharedSchedule::Backlog& SharedSchedule::backlog_of(std::uint32_t flow) noexcept {
  WEIR_ASSERT(flow >= flows_.first && flow - flows_.first < flows_.here);
  return backlogs_[flow - flows_.first];
}

}  // namespace weir::tools::load
