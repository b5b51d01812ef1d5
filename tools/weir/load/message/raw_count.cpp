#include "tools/weir/load/message/raw_count.h"

#include "tools/weir/load/message/wrong_answer.h"
#include "weir/base/assert.h"

namespace weir::tools::load {

RawCount::RawCount(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed,
                   std::size_t answer_bytes)
    : writer_(options, connection, seed), answer_bytes_(answer_bytes) {
  WEIR_ASSERT(answer_bytes > 0);
}

std::size_t RawCount::append_request(const RequestFacts& request, Chain& out) {
  (void)writer_.append(request, out);
  ++unanswered_;
  return writer_.wire_bytes();
}

std::expected<std::uint64_t, std::string> RawCount::take(const Chain& bytes) {
  const std::size_t total = offset_ + bytes.size();
  const std::uint64_t ended = total / answer_bytes_;
  const std::size_t rest = total % answer_bytes_;
  if (ended > unanswered_ || (ended == unanswered_ && rest > 0)) {
    return std::unexpected(surplus(writer_.connection(),
                                   total - static_cast<std::size_t>(unanswered_) * answer_bytes_));
  }
  unanswered_ -= ended;
  offset_ = rest;
  return ended;
}

void RawCount::restart() {
  unanswered_ = 0;
  offset_ = 0;
}

}  // namespace weir::tools::load
