#include "tools/weir/load/message/answer_check.h"

#include <algorithm>
#include <regex>
#include <span>
#include <string_view>

#include "tools/weir/load/message/wrong_answer.h"

namespace weir::tools::load {
namespace {

using protocols::FrameView;

/// One answer, against each kind of expectation.
struct AnswerJudge {
  PayloadSource& source;
  const Request& request;
  const FrameView& answer;
  std::vector<std::byte>& memory;

  [[nodiscard]] AnswerId id() const {
    return {.connection = source.connection(), .request = request.number};
  }

  /// A byte that differs says more than a size that does.
  std::optional<std::string> operator()(const ExpectEcho& /*echo*/) const {
    std::size_t offset = 0;
    for (std::span<const std::byte> piece : answer) {
      piece = piece.first(std::min(piece.size(), request.payload_bytes - offset));
      if (const auto at = source.find_mismatch(request, offset, piece)) {
        const std::size_t wrong = offset + *at;
        return wrong_byte(id(), wrong, source.byte(request, wrong), piece[*at]);
      }
      offset += piece.size();
    }
    return check_size(request.payload_bytes);
  }

  std::optional<std::string> operator()(const ExpectBytes& expected) const {
    return check_size(expected.count);
  }

  std::optional<std::string> operator()(const ExpectRegex& expected) const {
    if (!answer.is_contiguous()) memory.resize(answer.size());
    const std::span bytes = answer.coalesce_into(memory);
    const auto* const text = reinterpret_cast<const char*>(bytes.data());
    const std::string_view shown(text, bytes.size());
    if (std::regex_match(shown.begin(), shown.end(), expected.pattern)) return {};
    return no_match(id(), expected.text, shown);
  }

  std::optional<std::string> operator()(const ExpectNone& /*none*/) const { return {}; }

  [[nodiscard]] std::optional<std::string> check_size(std::size_t expected) const {
    if (answer.size() == expected) return {};
    return wrong_size(id(), expected, answer.size());
  }
};

}  // namespace

std::optional<std::string> AnswerCheck::find_fault(PayloadSource& source, const Request& request,
                                                   const FrameView& answer) {
  return std::visit(
      AnswerJudge{.source = source, .request = request, .answer = answer, .memory = coalesced_},
      expectation_);
}

}  // namespace weir::tools::load
