#include "tools/weir/serve/upper_service.h"

#include <optional>
#include <utility>

#include "weir/protocols/deframer.h"
#include "weir/protocols/line.h"

namespace weir::tools::serve {
namespace {

using protocols::Deframer;
using protocols::DelimiterBytes;
using protocols::Line;
using protocols::StreamRest;

/// So many lines are answered before the shard's other connections get their turn.
constexpr std::size_t lines_per_turn_max = 1024;

/// What has arrived and is not a whole line yet. Lets the pool copy it together, so that many
/// slow writers do not pin a slab each.
class LineInbox final : public PoolHolder {
 public:
  LineInbox() noexcept { BufferPool::current()->add_holder(*this); }
  ~LineInbox() override { BufferPool::current()->remove_holder(*this); }

  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(bytes); }

  Chain bytes;
};

/// The limits are constants that the codec takes.
Deframer<Line> line_deframer(DelimiterBytes line_end) {
  return Deframer(Line::create({.line_bytes_max = line_bytes_max,
                                .line_end_bytes = line_end,
                                .stream_rest = StreamRest::is_frame})
                      .value());
}

/// Moves the bytes of `line` to the end of `answers`, in upper case. In place: a frame that was
/// taken out of the inbox is nobody else's.
void answer(Chain line, Chain& answers) noexcept {
  while (!line.empty()) {
    Buffer piece = line.pop_front();
    to_upper_ascii(piece.writable());
    answers.append(std::move(piece));
  }
}

struct LinesTaken {
  std::error_code error{};
  bool may_be_more = false;
};

LinesTaken answer_whole_lines(Deframer<Line>& deframer, Chain& inbox, Chain& answers) {
  for (std::size_t count = 0; count < lines_per_turn_max; ++count) {
    Result<std::optional<Chain>> line = deframer.next(inbox);
    if (!line) return {.error = line.error()};
    if (!*line) return {};
    answer(std::move(**line), answers);
  }
  return {.may_be_more = true};
}

/// Takes the next line or, once the stream has ended, its rest. An error, or a line, or neither.
Result<std::optional<Chain>> take_line(Deframer<Line>& deframer, Chain& inbox, bool has_ended) {
  Result<std::optional<Chain>> line = deframer.next(inbox);
  if (line && !*line && has_ended) return deframer.finish(inbox);
  return line;
}

constexpr bool is_space(std::byte byte) noexcept {
  const auto letter = std::to_integer<char>(byte);
  return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

/// Without the space at both ends.
Chain stripped(Chain text) noexcept {
  while (!text.empty() && is_space(text.begin()->bytes().front())) text.trim_front(1);
  while (!text.empty() && is_space((text.end() - 1)->bytes().back())) text.trim_back(1);
  return text;
}

/// Until the peer has read enough for more to be queued.
template <typename S>
Task<Result<void>> wait_for_room(S* stream) {
  if (stream->queued_bytes() < stream->limits().high_water_bytes) co_return Result<void>();
  co_return co_await stream->drained();
}

/// Appends what comes next; at the end of the stream nothing.
template <typename S>
Task<Result<void>> read_more(S* stream, Chain* inbox, bool* has_ended) {
  Result<Chain> chunk = co_await stream->read();
  if (!chunk) co_return std::unexpected(chunk.error());
  *has_ended = chunk->empty();
  inbox->append(std::move(*chunk));
  co_return Result<void>();
}

}  // namespace

void to_upper_ascii(std::span<std::byte> text) noexcept {
  for (std::byte& byte : text) {
    const auto letter = std::to_integer<unsigned>(byte);
    // Without a branch, so that it is done many bytes at a time.
    byte = static_cast<std::byte>(letter - (letter - 'a' < 26 ? 'a' - 'A' : 0U));
  }
}

template <typename S>
Task<Result<void>> upper_each_line(S stream) {
  LineInbox inbox;
  Deframer<Line> deframer = line_deframer(DelimiterBytes::kept);
  bool has_ended = false;
  while (!has_ended) {
    const Result<void> read = co_await read_more(&stream, &inbox.bytes, &has_ended);
    if (!read) co_return read;
    LinesTaken taken{.may_be_more = true};
    while (taken.may_be_more) {
      Chain answers;
      taken = answer_whole_lines(deframer, inbox.bytes, answers);
      const Result<void> queued = stream.queue(std::move(answers));
      if (!queued) co_return queued;
      if (taken.error) co_return std::unexpected(taken.error);
      const Result<void> has_room = co_await wait_for_room(&stream);
      if (!has_room) co_return has_room;
      if (taken.may_be_more) co_await yield();
    }
  }
  Result<std::optional<Chain>> rest = deframer.finish(inbox.bytes);
  if (!rest) co_return std::unexpected(rest.error());
  if (!*rest) co_return Result<void>();
  Chain last;
  answer(std::move(**rest), last);
  co_return stream.queue(std::move(last));
}

template <typename S>
Task<Result<void>> upper_one_line(S stream) {
  LineInbox inbox;
  Deframer<Line> deframer = line_deframer(DelimiterBytes::stripped);
  bool has_ended = false;
  while (!has_ended) {
    const Result<void> read = co_await read_more(&stream, &inbox.bytes, &has_ended);
    if (!read) co_return read;
    Result<std::optional<Chain>> line = take_line(deframer, inbox.bytes, has_ended);
    if (!line) co_return std::unexpected(line.error());
    if (!*line) continue;
    Chain reply;
    answer(stripped(std::move(**line)), reply);
    co_return stream.queue(std::move(reply));
  }
  co_return Result<void>();
}

template Task<Result<void>> upper_each_line(TcpStream stream);
template Task<Result<void>> upper_each_line(UnixStream stream);
template Task<Result<void>> upper_one_line(TcpStream stream);
template Task<Result<void>> upper_one_line(UnixStream stream);

}  // namespace weir::tools::serve
