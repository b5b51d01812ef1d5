// What the tutorial's sendall() is for, and how `queue` and `write` do it: every byte leaves, in
// order, and a peer that reads slowly stops the writer instead of filling its memory.
//
//     weir_send_all                 to a reader of its own that is slow and checks every byte
//     weir_send_all ADDRESS         to another one
//
// send(2) may take less than it is given, and the caller has to go on with the rest: sendall() is
// that loop, and it blocks. `queue` waits for nothing and refuses from the high-water mark on;
// `drained` says when to go on. `write` waits until the kernel has taken everything.
#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <span>
#include <utility>
#include <vector>

#include "weir/weir.h"

namespace {

constexpr std::size_t queued_bytes_total = std::size_t{24} << 20;  // in pieces, by `queue`
constexpr std::size_t written_bytes_total = std::size_t{8} << 20;  // in one go, by `write`
constexpr std::size_t piece_bytes = std::size_t{64} << 10;
constexpr std::size_t kernel_bytes = std::size_t{1} << 20;
constexpr auto reader_pause = std::chrono::microseconds(200);
/// The kernel still takes bytes while the peer reads none: stuck is who gets rid of none for so
/// long.
constexpr auto stuck_after = std::chrono::milliseconds(100);
constexpr auto patience = std::chrono::seconds(60);

/// Every byte follows from its position: what is lost, repeated or swapped shows.
std::byte byte_at(std::uint64_t position) noexcept {
  return static_cast<std::byte>((position * 0x9e3779b97f4a7c15U) >> 56);
}

std::vector<std::byte> make_payload() {
  std::vector<std::byte> payload(queued_bytes_total + written_bytes_total);
  for (std::size_t position = 0; position < payload.size(); ++position) {
    payload[position] = byte_at(position);
  }
  return payload;
}

/// What happened to the pieces that were queued.
struct QueueReport {
  std::size_t stops = 0;
  std::size_t most_queued_bytes = 0;
  std::size_t taken_when_stuck = 0;   ///< by `queue`
  std::size_t kernel_when_stuck = 0;  ///< of those
};

/// Waits until `queue` would take more. Notes the first time that it gets stuck.
weir::Task<weir::Result<void>> wait_for_room(weir::TcpStream* stream, QueueReport* report,
                                             weir::Event* is_stuck) {
  ++report->stops;
  if (!is_stuck->is_set()) {
    const weir::Result<void> soon = co_await weir::with_timeout(stuck_after, stream->drained());
    if (soon || soon.error() != weir::Error::deadline_exceeded) co_return soon;
    // The kernel took some of it, so that there is room after all.
    if (stream->queued_bytes() < stream->limits().high_water_bytes) co_return weir::Result<void>();
    report->kernel_when_stuck = stream->stats().bytes_sent;
    report->taken_when_stuck = report->kernel_when_stuck + stream->queued_bytes();
    is_stuck->set();
  }
  co_return co_await stream->drained();
}

/// Queues piece after piece, and waits only when that is refused.
weir::Task<weir::Result<QueueReport>> queue_all(weir::TcpStream* stream,
                                                std::span<const std::byte> payload,
                                                weir::Event* is_stuck) {
  QueueReport report;
  std::size_t position = 0;
  while (position < payload.size()) {
    const std::size_t count = std::min(piece_bytes, payload.size() - position);
    const weir::Result<void> queued = stream->queue(payload.subspan(position, count));
    if (queued) {
      position += count;
      report.most_queued_bytes = std::max(report.most_queued_bytes, stream->queued_bytes());
      co_await weir::yield();  // what is queued leaves at the end of the turn
      continue;
    }
    if (queued.error() != weir::Error::out_queue_full) co_return std::unexpected(queued.error());
    const weir::Result<void> has_room = co_await wait_for_room(stream, &report, is_stuck);
    if (!has_room) co_return std::unexpected(has_room.error());
  }
  co_return report;
}

void print(const QueueReport& report, const weir::StreamLimits& limits) {
  if (report.taken_when_stuck != 0) {
    std::printf("queue() took %zu bytes while the peer read none, and refused more:\n",
                report.taken_when_stuck);
    std::printf("  %zu were with the kernel, %zu in the out-queue; its high-water mark is %zu\n",
                report.kernel_when_stuck, report.taken_when_stuck - report.kernel_when_stuck,
                limits.high_water_bytes);
  }
  std::printf("queue() took all %zu bytes with %zu stops, each until %zu were left;\n",
              queued_bytes_total, report.stops, limits.low_water_bytes);
  std::printf("  there were never more than %zu in the out-queue\n", report.most_queued_bytes);
}

weir::Task<weir::Result<void>> send_everything(weir::TcpStream stream, weir::Event* is_stuck) {
  // Else the kernel's buffer grows, on some systems until it holds everything.
  const weir::Result<std::size_t> set = stream.set_send_buffer(kernel_bytes);
  if (!set) co_return std::unexpected(set.error());
  const std::vector<std::byte> payload = make_payload();
  const std::span<const std::byte> bytes(payload);
  const weir::Result<QueueReport> report =
      co_await queue_all(&stream, bytes.first(queued_bytes_total), is_stuck);
  if (!report) co_return std::unexpected(report.error());
  print(*report, stream.limits());

  const weir::WriteResult written = co_await stream.write(bytes.subspan(queued_bytes_total));
  if (!written) co_return std::unexpected(written.error());
  std::printf("write() of %zu bytes returned when the kernel had taken %zu\n", written_bytes_total,
              written.bytes_taken());
  co_return co_await stream.close();
}

/// Reads nothing until the writer is stuck, and slowly from then on.
weir::Task<weir::Result<void>> read_slowly(weir::TcpStream stream, weir::Event* is_stuck) {
  const weir::Result<void> stopped = co_await is_stuck->wait();
  if (!stopped) co_return stopped;
  std::vector<std::byte> buffer(piece_bytes);
  std::uint64_t position = 0;
  for (;;) {
    const weir::Result<std::size_t> count = co_await stream.read_into(buffer);
    if (!count) co_return std::unexpected(count.error());
    if (*count == 0) break;
    for (const std::byte byte : std::span(buffer).first(*count)) {
      if (byte != byte_at(position++)) co_return weir::fail(weir::Error::frame_malformed);
    }
    const weir::Result<void> slept = co_await weir::sleep_for(reader_pause);
    if (!slept) co_return slept;
  }
  std::printf("the reader got %llu bytes, each the one that was sent there\n",
              static_cast<unsigned long long>(position));
  co_return weir::Result<void>();
}

/// Whatever became of the writer, its reader is not left waiting.
weir::Task<weir::Result<void>> send_and_release(weir::TcpStream stream, weir::Event* is_stuck) {
  const weir::Result<void> sent = co_await send_everything(std::move(stream), is_stuck);
  is_stuck->set();
  co_return sent;
}

weir::Task<weir::Result<void>> send_to_our_reader() {
  weir::Result<weir::TcpListener> listener =
      weir::TcpListener::bind(weir::Address::loopback(0), {.shards = weir::ListenOn::this_shard});
  if (!listener) co_return std::unexpected(listener.error());
  weir::Result<weir::TcpStream> writer = co_await weir::connect(listener->address());
  if (!writer) co_return std::unexpected(writer.error());
  weir::Result<weir::TcpStream> reader = co_await listener->accept();
  if (!reader) co_return std::unexpected(reader.error());

  weir::Event is_stuck;
  weir::Scope scope;
  scope.spawn(send_and_release(std::move(*writer), &is_stuck));
  scope.spawn(read_slowly(std::move(*reader), &is_stuck));
  co_return co_await scope.join();
}

weir::Task<weir::Result<void>> send_to(weir::Address address) {
  weir::Result<weir::TcpStream> stream = co_await weir::connect(address);
  if (!stream) co_return std::unexpected(stream.error());
  weir::Event is_stuck;
  co_return co_await send_everything(std::move(*stream), &is_stuck);
}

weir::Task<weir::Result<void>> send(const weir::Address* address) {
  weir::Task<weir::Result<void>> sending =
      address != nullptr ? send_to(*address) : send_to_our_reader();
  co_return co_await weir::with_timeout(patience, std::move(sending));
}

}  // namespace

int main(int argc, char** argv) {
  weir::Result<weir::Address> address = weir::fail(weir::Error::address_invalid);
  if (argc > 1) {
    address = weir::Address::parse(argv[1]);
    if (!address || argc > 2) {
      std::fprintf(stderr, "usage: weir_send_all [ADDRESS]\n");
      return 2;
    }
  }
  const weir::Result<void> sent =
      weir::run({.shards = 1}, [&] { return send(address ? &*address : nullptr); });
  if (sent) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_send_all: %s\n", sent.error().message().c_str());
  return EXIT_FAILURE;
}
