#include "tools/weir/serve/upper_service.h"

#include <optional>
#include <utility>

#include "tools/weir/serve/upper_lines.h"

namespace weir::tools::serve {
namespace {

/// What has arrived and is not a whole line yet. Lets the pool copy it together, so that many
/// slow writers do not pin a slab each.
class LineInbox final : public PoolHolder {
 public:
  LineInbox() noexcept { BufferPool::current()->add_holder(*this); }
  ~LineInbox() override { BufferPool::current()->remove_holder(*this); }

  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(bytes); }

  Chain bytes;
};

/// Until the peer has read enough for more to be queued.
template <typename S>
Task<Result<void>> wait_until_drained(S* stream) {
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

template <typename S>
Task<Result<void>> upper_each_line(S stream) {
  LineInbox inbox;
  UpperLines lines(upper_line_bytes_max);
  bool has_ended = false;
  while (!has_ended) {
    const Result<void> read = co_await read_more(&stream, &inbox.bytes, &has_ended);
    if (!read) co_return read;
    UpperLines::Taken taken{.may_be_more = true};
    while (taken.may_be_more) {
      Chain answers;
      taken = lines.take_lines(inbox.bytes, answers);
      const Result<void> queued = stream.queue(std::move(answers));
      if (!queued) co_return queued;
      if (taken.error) co_return std::unexpected(taken.error);
      const Result<void> has_room = co_await wait_until_drained(&stream);
      if (!has_room) co_return has_room;
      if (taken.may_be_more) co_await yield();
    }
  }
  Chain last;
  const Result<void> rest = lines.take_rest(inbox.bytes, last);
  if (!rest) co_return rest;
  co_return stream.queue(std::move(last));
}

template <typename S>
Task<Result<void>> upper_one_line(S stream) {
  LineInbox inbox;
  UpperLine line(upper_line_bytes_max);
  bool has_ended = false;
  while (!has_ended) {
    const Result<void> read = co_await read_more(&stream, &inbox.bytes, &has_ended);
    if (!read) co_return read;
    const auto stream_end = has_ended ? UpperLine::StreamEnd::seen : UpperLine::StreamEnd::not_seen;
    Result<std::optional<Chain>> reply = line.take(inbox.bytes, stream_end);
    if (!reply) co_return std::unexpected(reply.error());
    if (*reply) co_return stream.queue(std::move(**reply));
  }
  co_return Result<void>();
}

template Task<Result<void>> upper_each_line(TcpStream stream);
template Task<Result<void>> upper_each_line(UnixStream stream);
template Task<Result<void>> upper_one_line(TcpStream stream);
template Task<Result<void>> upper_one_line(UnixStream stream);

}  // namespace weir::tools::serve
