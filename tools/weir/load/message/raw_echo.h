// The dialogue with a server that sends back what it gets, bytes as they are: each is compared as
// it comes, wherever the answer is cut. What a connection does most, so it keeps nothing and
// copies nothing.
//
// Invariant: offset_ is below the size of the oldest unanswered request, 0 if there is none.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/weir/load/message/dialogue.h"
#include "tools/weir/load/message/request_writer.h"
#include "tools/weir/load/message/unanswered_requests.h"

namespace weir::tools::load {

class RawEcho final : public Dialogue {
 public:
  RawEcho(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed)
      : writer_(options, connection, seed) {}

  std::size_t append_request(const RequestFacts& request, Chain& out) override {
    unanswered_.push(writer_.append(request, out));
    return writer_.wire_bytes();
  }
  [[nodiscard]] std::size_t cut_of_request() const noexcept override { return writer_.cut(); }
  [[nodiscard]] std::expected<std::uint64_t, std::string> take(const Chain& bytes) override;
  [[nodiscard]] bool expects_answers() const noexcept override { return true; }
  void restart() override;

 private:
  RequestWriter writer_;
  UnansweredRequests unanswered_;
  std::size_t offset_ = 0;  ///< in the answer to the oldest
};

}  // namespace weir::tools::load
