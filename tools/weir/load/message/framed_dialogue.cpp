#include "tools/weir/load/message/framed_dialogue.h"

#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "tools/weir/load/message/answer_check.h"
#include "tools/weir/load/message/answer_inbox.h"
#include "tools/weir/load/message/request_writer.h"
#include "tools/weir/load/message/unanswered_requests.h"
#include "tools/weir/load/message/wrong_answer.h"
#include "weir/base/assert.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/fixed_length.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::tools::load {
namespace {

using protocols::Deframer;
using protocols::FixedLength;
using protocols::FrameView;
using protocols::JsonHeader;
using protocols::LengthPrefix;
using protocols::Line;
using protocols::LineEnd;
using protocols::VarintPrefix;
using protocols::ViewCodec;

constexpr std::size_t json_header_bytes_max = std::size_t{64} << 10;

/// Invariant: between two calls the inbox holds no whole answer.
template <protocols::Codec C>
class FramedDialogue final : public Dialogue {
 public:
  FramedDialogue(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed,
                 C codec)
      : codec_(codec),
        deframer_(std::move(codec)),
        writer_(options, connection, seed),
        check_(effective_expectation(options)) {}

  std::size_t append_request(const RequestFacts& request, Chain& out) override {
    unanswered_.push(writer_.append(request, out));
    return writer_.wire_bytes();
  }

  [[nodiscard]] std::size_t cut_of_request() const noexcept override { return writer_.cut(); }

  [[nodiscard]] std::expected<std::uint64_t, std::string> take(const Chain& bytes) override {
    inbox_.hold_still();
    inbox_.bytes.append(bytes.share());
    auto ended = take_answers();
    inbox_.rest();
    return ended;
  }

  [[nodiscard]] bool expects_answers() const noexcept override { return true; }

  void restart() override {
    inbox_.hold_still();
    inbox_.bytes.clear();
    deframer_ = Deframer<C>(codec_);
    unanswered_.clear();
  }

 private:
  using Taken = std::expected<std::uint64_t, std::string>;

  [[nodiscard]] Taken take_answers() {
    std::uint64_t ended = 0;
    std::optional<std::string> fault;
    if constexpr (ViewCodec<C>) {
      for (bool is_full = true; is_full && !fault;) {
        auto batch = deframer_.batch(inbox_.bytes);
        for (const FrameView answer : batch) {
          fault = judge(answer);
          if (fault) break;
          ++ended;
        }
        is_full = batch.is_full();
      }
    } else {
      while (!fault) {
        const auto frame = deframer_.next(inbox_.bytes);
        if (!frame || !*frame) break;
        const Chain& payload = (*frame)->payload;
        fault = judge(protocols::ByteCursor(payload).view(0, payload.size()));
        if (!fault) ++ended;
      }
    }
    if (!fault) fault = find_stream_fault();
    if (fault) return std::unexpected(*std::move(fault));
    return ended;
  }

  /// What is wrong with the next answer.
  [[nodiscard]] std::optional<std::string> judge(const FrameView& answer) {
    if (unanswered_.empty()) return surplus(writer_.connection(), answer.size());
    auto fault = check_.find_fault(writer_.source(), unanswered_.front(), answer);
    if (!fault) unanswered_.pop();
    return fault;
  }

  /// What is wrong with the bytes that are in no answer.
  [[nodiscard]] std::optional<std::string> find_stream_fault() const {
    const std::uint32_t connection = writer_.connection();
    if (const auto& error = deframer_.error()) {
      return fmt::format("connection {}: the answers are not in frames: {}", connection,
                         error->to_string());
    }
    if (unanswered_.empty() && !inbox_.bytes.empty()) {
      return surplus(connection, inbox_.bytes.size());
    }
    return {};
  }

  C codec_;  ///< as it is before the first byte
  Deframer<C> deframer_;
  RequestWriter writer_;
  AnswerCheck check_;
  UnansweredRequests unanswered_;
  AnswerInbox inbox_;
};

/// The largest answer that is taken.
std::size_t answer_bytes_max(const Expectation& expectation) {
  return std::holds_alternative<ExpectRegex>(expectation) ? matched_bytes_max : payload_bytes_max;
}

/// The limits are constants that the codecs take.
LengthPrefix length_prefix(std::size_t width_bytes, std::size_t payload_bytes) {
  return LengthPrefix::create(
             {.frame_bytes_max = width_bytes + payload_bytes, .width_bytes = width_bytes})
      .value();
}

/// In an echo a CR belongs to the line. A server that writes its own lines may end them as it
/// likes.
Line line(const Expectation& expectation, std::size_t payload_bytes) {
  const bool is_echo = std::holds_alternative<ExpectEcho>(expectation);
  return Line::create({.line_bytes_max = payload_bytes,
                       .line_end = is_echo ? LineEnd::lf : LineEnd::lf_or_crlf})
      .value();
}

}  // namespace

std::unique_ptr<Dialogue> make_framed_dialogue(const MessageOptions& options,
                                               std::uint32_t connection, std::uint64_t seed) {
  const Expectation expectation = effective_expectation(options);
  const std::size_t bytes_max = answer_bytes_max(expectation);
  const auto make = [&]<typename C>(C codec) -> std::unique_ptr<Dialogue> {
    return std::make_unique<FramedDialogue<C>>(options, connection, seed, std::move(codec));
  };
  switch (options.codec.wire) {
    case WireCodec::raw:
      return make(FixedLength::create(options.codec.answer_bytes.value()).value());
    case WireCodec::len16:
      return make(length_prefix(2, bytes_max));
    case WireCodec::len32:
      return make(length_prefix(4, bytes_max));
    case WireCodec::varint:
      return make(VarintPrefix({.payload_bytes_max = bytes_max}));
    case WireCodec::line:
      return make(line(expectation, bytes_max));
    case WireCodec::json_header:
      return make(
          JsonHeader({.header_bytes_max = json_header_bytes_max, .payload_bytes_max = bytes_max}));
  }
  WEIR_ASSERT(false);
  return {};
}

}  // namespace weir::tools::load
