#include "tools/weir/serve/answer_batch.h"

#include <algorithm>

#include "weir/base/assert.h"

namespace weir::tools::serve {
namespace {

std::size_t datagram_count(const OutgoingDatagram& entry) noexcept {
  if (entry.segment_bytes == 0 || entry.payload.empty()) return 1;
  return (entry.payload.size() + entry.segment_bytes - 1) / entry.segment_bytes;
}

}  // namespace

void AnswerBatch::fill(const DatagramBatch& batch) {
  answers_.clear();
  first_ = 0;
  for (const DatagramTrain& train : batch.trains()) {
    answers_.push_back({.payload = train.payload.bytes(),
                        .peer = train.peer,
                        .segment_bytes = train.segment_bytes,
                        .source = train.local});
  }
}

void AnswerBatch::settle(const SendOutcome& outcome, RefusedSends& refused) {
  WEIR_ASSERT(outcome.accepted <= answers_.size() - first_);
  std::size_t taken_of_next = outcome.datagrams;
  for (const OutgoingDatagram& entry : rest().first(outcome.accepted)) {
    taken_of_next -= std::min(taken_of_next, datagram_count(entry));
  }
  first_ += outcome.accepted;
  if (!outcome.refused) {
    WEIR_ASSERT(empty());
    return;
  }
  if (empty()) return;
  refused.add(outcome.refused);
  OutgoingDatagram& entry = answers_[first_];
  const std::size_t done_bytes = (taken_of_next + 1) * entry.segment_bytes;
  if (entry.segment_bytes == 0 || done_bytes >= entry.payload.size()) {
    ++first_;
  } else {
    entry.payload = entry.payload.subspan(done_bytes);
  }
}

}  // namespace weir::tools::serve
