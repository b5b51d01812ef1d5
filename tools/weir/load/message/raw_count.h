// The dialogue with a server whose answers are so many bytes each, whatever they are: they are
// counted and not looked at.
//
// Invariant: offset_ < answer_bytes_
#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/weir/load/message/dialogue.h"
#include "tools/weir/load/message/request_writer.h"

namespace weir::tools::load {

class RawCount final : public Dialogue {
 public:
  /// \param answer_bytes  at least 1
  RawCount(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed,
           std::size_t answer_bytes);

  std::size_t append_request(const RequestFacts& request, Chain& out) override;
  [[nodiscard]] std::size_t cut_of_request() const noexcept override { return writer_.cut(); }
  [[nodiscard]] std::expected<std::uint64_t, std::string> take(const Chain& bytes) override;
  [[nodiscard]] bool expects_answers() const noexcept override { return true; }
  void restart() override;

 private:
  RequestWriter writer_;
  std::size_t answer_bytes_;
  std::uint64_t unanswered_ = 0;
  std::size_t offset_ = 0;  ///< in the next answer
};

}  // namespace weir::tools::load
