// Compares one whole answer with what was expected of it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/weir/load/message/expectation.h"
#include "tools/weir/load/message/payload_source.h"
#include "weir/protocols/frame_view.h"

namespace weir::tools::load {

class AnswerCheck {
 public:
  explicit AnswerCheck(Expectation expectation) : expectation_(std::move(expectation)) {}

  /// What is wrong with the answer to `request`, as a sentence; `nullopt`: nothing.
  [[nodiscard]] std::optional<std::string> find_fault(PayloadSource& source, const Request& request,
                                                      const protocols::FrameView& answer);

 private:
  Expectation expectation_;
  std::vector<std::byte> coalesced_{};  ///< an answer that came in pieces, for the pattern
};

}  // namespace weir::tools::load
