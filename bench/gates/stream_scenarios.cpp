#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "bench/gates/course.h"
#include "weir/base/bytes.h"
#include "weir/net/framed_stream.h"
#include "weir/net/listener.h"
#include "weir/protocols/length_prefix.h"

namespace weir::gates {
namespace {

using protocols::FrameView;
using protocols::LengthPrefix;

constexpr std::size_t prefix_bytes = 4;
constexpr std::size_t crowd_connections = 16;

using Service = Task<Result<void>> (*)(TcpStream stream, Course* course);

/// Serves each connection by `service` until the drain.
template <Service service>
Task<Result<void>> serve(Course* course) {
  Result<TcpListener> listener = TcpListener::bind(Address::loopback(0));
  if (!listener) co_return std::unexpected(listener.error());
  // The first accept is under way by then: the peer waits until the shard sleeps.
  const Result<void> begun = course->begin_asking(listener->address());
  if (!begun) co_return begun;
  const Result<ServeStats> served = co_await listener->serve(
      [course](TcpStream stream) { return service(std::move(stream), course); });
  if (!served) co_return std::unexpected(served.error());
  co_return served->failed == 0 ? Result<void>() : fail_errno(EPROTO);
}

/// Each piece that arrives is written, and the write awaited.
Task<Result<void>> echo_written(TcpStream stream, Course* course) {
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    course->ledger().arrive(bytes->size(), stream.native_handle());
    const WriteResult written = co_await stream.write(std::move(*bytes));
    if (!written) co_return std::unexpected(written.error());
  }
}

/// Each request is answered by itself; what a turn queues leaves at its end.
Task<Result<void>> echo_queued(TcpStream stream, Course* course) {
  const std::size_t request_bytes = course->scenario().request_bytes;
  Chain rest;
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    course->ledger().arrive(bytes->size(), stream.native_handle());
    rest.append(std::move(*bytes));
    while (rest.size() >= request_bytes) {
      const Result<void> queued = stream.queue(rest.split(request_bytes));
      if (!queued) co_return queued;
    }
  }
}

Task<Result<void>> echo_framed(TcpStream stream, Course* course) {
  const int fd = stream.native_handle();
  const LengthPrefix codec =
      LengthPrefix::create({.frame_bytes_max = std::size_t{1} << 16}).value();
  FramedStream framed(std::move(stream), codec);
  for (;;) {
    auto frames = co_await framed.read_batch();
    if (!frames) co_return std::unexpected(frames.error());
    if (frames->empty()) co_return Result<void>();
    for (const FrameView frame : *frames) {
      course->ledger().arrive(prefix_bytes + frame.size(), fd);
      const Result<void> written = co_await framed.write(frame);
      if (!written) co_return written;
    }
  }
}

/// Answers nothing: while it holds the shard, the peer sends on the other connections.
Task<Result<void>> hold_each_round(TcpStream stream, Course* course) {
  for (;;) {
    const Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    course->ledger().arrive(course->scenario().round_bytes());
    course->crowd().hold();
  }
}

Task<Result<void>> echo_of_crowd(TcpStream stream) {
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    const Result<void> queued = stream.queue(std::move(*bytes));
    if (!queued) co_return queued;
  }
}

/// The first to come is the one that holds the shard.
Task<Result<void>> join_crowd(TcpStream stream, Course* course) {
  const std::size_t before = course->crowd().begin(stream.native_handle());
  return before == 0 ? hold_each_round(std::move(stream), course)
                     : echo_of_crowd(std::move(stream));
}

Task<Result<void>> echo_one(TcpStream stream, Course* course) {
  course->crowd().begin(stream.native_handle());
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) break;
    course->ledger().arrive(bytes->size());
    const WriteResult written = co_await stream.write(std::move(*bytes));
    if (!written) co_return std::unexpected(written.error());
  }
  course->crowd().end();
  co_return Result<void>();
}

/// Bytes that differ from place to place.
std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

Result<void> ask_one_connection(Course& course, std::span<const std::byte> round) {
  const Result<void> asleep = course.wait_for_sleep();
  if (!asleep) return asleep;
  const Result<PeerSocket> socket = PeerSocket::connect_tcp(course.server());
  if (!socket) return std::unexpected(socket.error());
  return course.ask_rounds(*socket, round);
}

Result<void> ask_raw(Course& course) {
  return ask_one_connection(course, pattern(course.scenario().round_bytes()));
}

Result<void> ask_framed(Course& course) {
  const Scenario& scenario = course.scenario();
  std::vector<std::byte> round = pattern(scenario.round_bytes());
  for (std::size_t at = 0; at < round.size(); at += scenario.request_bytes) {
    store_be<std::uint32_t>(&round[at],
                            static_cast<std::uint32_t>(scenario.request_bytes - prefix_bytes));
  }
  return ask_one_connection(course, round);
}

/// A round over the crowd: all send while the shard is held, then all read. Like all that runs
/// while the server's allocations are counted, it makes none.
Result<void> ask_crowd_once(Course& course, std::span<const PeerSocket> sockets,
                            std::span<const std::byte> request, std::span<std::byte> answer) {
  Crowd& crowd = course.crowd();
  Result<void> done = course.wait_for_sleep();
  if (done) done = sockets[0].send(request.first(1));
  if (done) done = crowd.wait_for_hold();
  for (std::size_t i = 1; done && i < sockets.size(); ++i) {
    done = sockets[i].send(request);
    if (done) done = crowd.wait_for_bytes(i, request.size());
  }
  crowd.release();
  for (std::size_t i = 1; done && i < sockets.size(); ++i) {
    done = sockets[i].receive(answer);
    if (done && !std::ranges::equal(answer, request)) done = fail_errno(EBADMSG);
  }
  return done;
}

Result<void> ask_crowd(Course& course) {
  std::vector<PeerSocket> sockets;
  for (std::size_t count = 0; count <= crowd_connections; ++count) {
    const Result<void> asleep = course.wait_for_sleep();
    if (!asleep) return asleep;
    Result<PeerSocket> socket = PeerSocket::connect_tcp(course.server());
    if (!socket) return std::unexpected(socket.error());
    sockets.push_back(*std::move(socket));
    const Result<void> begun = course.crowd().wait_for_begun(count + 1);
    if (!begun) return begun;
  }
  const std::vector<std::byte> request = pattern(course.scenario().request_bytes);
  std::vector<std::byte> answer(request.size());
  for (std::uint64_t round = 0; round < asked_rounds; ++round) {
    const Result<void> asked = ask_crowd_once(course, sockets, request, answer);
    if (!asked) return asked;
  }
  return {};
}

/// Each step only when the shard has dealt with the one before and sleeps.
Result<void> ask_by_connection(Course& course, std::size_t index,
                               std::span<const std::byte> request, std::span<std::byte> answer) {
  Result<void> done = course.wait_for_sleep();
  if (!done) return done;
  {
    const Result<PeerSocket> socket = PeerSocket::connect_tcp(course.server());
    if (!socket) return std::unexpected(socket.error());
    done = course.crowd().wait_for_begun(index + 1);
    if (done) done = course.wait_for_sleep();
    if (done) done = socket->send(request);
    if (done) done = socket->receive(answer);
    if (done) done = course.wait_for_sleep();
    if (!done) return done;
    if (!std::ranges::equal(answer, request)) return fail_errno(EBADMSG);
  }
  return course.crowd().wait_for_ended(index + 1);
}

Result<void> ask_by_connections(Course& course) {
  const std::vector<std::byte> request = pattern(course.scenario().request_bytes);
  std::vector<std::byte> answer(request.size());
  for (std::size_t index = 0; index < asked_rounds; ++index) {
    const Result<void> asked = ask_by_connection(course, index, request, answer);
    if (!asked) return asked;
  }
  return {};
}

constexpr auto scenarios = std::to_array<Scenario>({
    {.name = "echo 64 B, written",
     .request_bytes = 64,
     .requests_per_round = 1,
     .counts_segments = true,
     .serve = serve<echo_written>,
     .ask = ask_raw},
    {.name = "echo 64 B, queued",
     .request_bytes = 64,
     .requests_per_round = 1,
     .counts_segments = true,
     .serve = serve<echo_queued>,
     .ask = ask_raw},
    {.name = "echo 64 B, queued, depth 16",
     .request_bytes = 64,
     .requests_per_round = 16,
     .counts_segments = true,
     .serve = serve<echo_queued>,
     .ask = ask_raw},
    {.name = "echo 16 KiB, written",
     .request_bytes = std::size_t{16} << 10,
     .requests_per_round = 1,
     .counts_segments = true,
     .serve = serve<echo_written>,
     .ask = ask_raw},
    {.name = "len32 frames of 64 B, depth 16",
     .request_bytes = prefix_bytes + 64,
     .requests_per_round = 16,
     .counts_segments = true,
     .serve = serve<echo_framed>,
     .ask = ask_framed},
    {.name = "len32 frames of 4 KiB, depth 4",
     .request_bytes = prefix_bytes + (std::size_t{4} << 10),
     .requests_per_round = 4,
     .counts_segments = true,
     .serve = serve<echo_framed>,
     .ask = ask_framed},
    {.name = "echo 64 B, 16 connections at once",
     .request_bytes = 64,
     .requests_per_round = crowd_connections,
     .counts_segments = false,
     .serve = serve<join_crowd>,
     .ask = ask_crowd},
    {.name = "connect, echo 64 B, close",
     .request_bytes = 64,
     .requests_per_round = 1,
     .counts_segments = false,
     .serve = serve<echo_one>,
     .ask = ask_by_connections},
});

}  // namespace

std::span<const Scenario> stream_scenarios() noexcept { return scenarios; }

}  // namespace weir::gates
