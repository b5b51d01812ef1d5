#include "tcp_service.h"

#include <array>
#include <chrono>
#include <cstddef>
#include <expected>
#include <span>
#include <utility>

#include "weir/protocols/length_prefix.h"

namespace dns_responder {
namespace {

using weir::Result;
using weir::Task;
using weir::TcpStream;
using weir::protocols::FrameView;
using weir::protocols::LengthPrefix;
using Framed = weir::FramedStream<LengthPrefix, TcpStream>;

/// More than any question with options that this server knows what to do with; who sends more is
/// no resolver.
constexpr std::size_t query_bytes_max = 4096;
constexpr std::size_t length_bytes = 2;

/// "In the order of a few seconds" (RFC 7766 section 6.2.3).
constexpr auto idle_timeout = std::chrono::seconds(10);
constexpr std::size_t connections_max = 10'000;

LengthPrefix codec(std::size_t payload_bytes_max) {
  return LengthPrefix::create(
             {.frame_bytes_max = length_bytes + payload_bytes_max, .width_bytes = length_bytes})
      .value();
}

/// Queues the answer to one query; true if there is one.
///
/// Not a coroutine: the memory is the thread's, for all its connections, and used up on return.
Result<bool> queue_answer(Framed& framed, const FrameView& query, const Responder& responder) {
  static thread_local std::array<std::byte, query_bytes_max> query_memory;
  static thread_local std::array<std::byte, response_bytes_max> response_memory;
  const std::size_t bytes =
      responder.respond(query.coalesce_into(query_memory), Transport::tcp, response_memory);
  if (bytes == 0) return false;
  const Result<void> queued = framed.queue(FrameView(std::span(response_memory).first(bytes)));
  if (!queued) return std::unexpected(queued.error());
  return true;
}

Task<Result<void>> answer_queries(TcpStream stream, const Responder* responder) {
  Framed framed(std::move(stream), codec(query_bytes_max), codec(response_bytes_max));
  for (;;) {
    auto queries = co_await framed.read_batch();
    if (!queries) co_return std::unexpected(queries.error());
    if (queries->empty()) co_return Result<void>();
    for (const FrameView query : *queries) {
      // Who does not read his answers gets no more of them.
      while (framed.stream().queued_bytes() >= framed.stream().limits().high_water_bytes) {
        const Result<void> drained = co_await framed.stream().drained();
        if (!drained) co_return drained;
      }
      const Result<bool> queued = queue_answer(framed, query, *responder);
      if (!queued) co_return std::unexpected(queued.error());
      // What is no query has no answer: the peer speaks something else.
      if (!*queued) co_return Result<void>();
    }
  }
}

}  // namespace

Task<Result<weir::ServeStats>> serve_tcp(weir::TcpListener* listener, const Responder* responder) {
  const weir::ServeOptions limits{.connections_max = connections_max, .idle_timeout = idle_timeout};
  return listener->serve(
      [responder](TcpStream stream) { return answer_queries(std::move(stream), responder); },
      limits);
}

}  // namespace dns_responder
