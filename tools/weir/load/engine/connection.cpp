#include "tools/weir/load/engine/connection.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "weir/core/deadline.h"
#include "weir/core/shard.h"

namespace weir::tools::load {
namespace {

/// Payload is made in pieces of at most this size.
constexpr std::size_t piece_bytes_max = 64 * 1024;

}  // namespace

Connection::Connection(std::uint32_t number, Stream stream, const Options& options, Tally& tally)
    : number_(number),
      stream_(std::move(stream)),
      options_(options),
      tally_(tally),
      outgoing_(number, options.message_bytes),
      incoming_(number, options.message_bytes),
      sent_at_(options.depth) {
  // `depth` messages must fit: the loop itself bounds what is queued.
  StreamLimits limits = stream_.limits();
  limits.high_water_bytes =
      std::max(limits.high_water_bytes, options.message_bytes * options.depth + 1);
  stream_.set_limits(limits);
}

/// Queues `count` messages; they leave at the end of the shard's turn.
Result<void> Connection::send(std::uint64_t count) {
  const TimePoint now = Clock::now();
  Chain messages;
  for (std::size_t left = options_.message_bytes * static_cast<std::size_t>(count); left > 0;) {
    const std::size_t bytes = std::min(left, piece_bytes_max);
    Result<Buffer> pooled = Shard::current().pool().allocate(bytes);
    // The loop's own bound holds here, so a spent pool is a reason to be slower, not to stop.
    Buffer piece = pooled ? std::move(*pooled) : Buffer::uninitialized(bytes);
    outgoing_.fill(piece.writable());
    messages.append(std::move(piece));
    left -= bytes;
  }
  tally_.interval.requests.sent += count;
  tally_.interval.requests.sent_bytes += messages.size();
  for (; count > 0; --count) sent_at_[sent_++ % options_.depth] = now;
  return stream_.queue(std::move(messages));
}

/// False, and counted, if a byte is wrong.
bool Connection::receive(const Chain& bytes) {
  const TimePoint now = Clock::now();
  tally_.interval.requests.received_bytes += bytes.size();
  std::uint64_t ended = 0;
  for (const Buffer& piece : bytes) {
    const auto verified = incoming_.verify(piece.bytes());
    if (!verified) {
      tally_.add_error(ErrorKind::mismatch, describe(verified.error()));
      return false;
    }
    ended += *verified;
  }
  if (ended > in_flight()) {
    tally_.add_error(ErrorKind::mismatch,
                     fmt::format("connection {}: more bytes than were sent", number_));
    return false;
  }
  for (; ended > 0; --ended) {
    const auto latency = now - sent_at_[answered_++ % options_.depth];
    tally_.interval.latency.service.record(static_cast<std::uint64_t>(latency.count()));
    ++tally_.interval.requests.answered;
    tally_.interval.last_answer = now;
  }
  return true;
}

void Connection::note_failure(const std::error_code& error) {
  if (error == Error::deadline_exceeded || error == Error::cancelled) {
    // An interrupted run ends with requests unanswered; that is nobody's fault.
    if (error == Error::deadline_exceeded && in_flight() > 0) {
      tally_.add_error(ErrorKind::timeout,
                       fmt::format("connection {}: {} requests unanswered", number_, in_flight()),
                       in_flight());
    }
    return;
  }
  tally_.add_error(ErrorKind::reset, fmt::format("connection {}: {}", number_, error.message()));
}

Task<void> Connection::run() {
  Result<void> sent = tally_.stopping ? Result<void>() : send(options_.depth);
  while (sent && in_flight() > 0) {
    const Result<Chain> bytes = co_await stream_.read();
    if (!bytes) {
      sent = std::unexpected(bytes.error());
      break;
    }
    if (bytes->empty()) {
      tally_.add_error(ErrorKind::closed,
                       fmt::format("connection {}: the server ended it with {} requests unanswered",
                                   number_, in_flight()));
      break;
    }
    const std::uint64_t before = answered_;
    if (!receive(*bytes)) break;
    if (!tally_.stopping && answered_ > before) sent = send(answered_ - before);
  }
  if (!sent) note_failure(sent.error());
  (void)co_await stream_.close();
}

}  // namespace weir::tools::load
