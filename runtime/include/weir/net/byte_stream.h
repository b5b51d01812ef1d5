// ByteStream: what frames can be carried by.
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir {

/// What a FramedStream runs over: TcpStream, UnixStream, or something in memory with the same
/// members (see Stream for what they do). One with `Chain* open_queue()` as well has frames encoded
/// into its out-queue without a chain of their own each. One with a type `ReadUntil` like Stream's,
/// whose `Read` is what its `read()` returns, is asked for frames where it delivers bytes, without
/// a coroutine for each read; a class that hides Stream's `read()` by one of its own is read by
/// that.
template <typename S>
concept ByteStream = std::movable<S> && requires(S& stream, const S& read_only, Chain bytes) {
  stream.read();     // awaitable of Result<Chain>, empty at the end of the stream; lossless
  stream.drained();  // awaitable of Result<void>
  stream.flush();    // awaitable of Result<void>
  { stream.queue(std::move(bytes)) } -> std::same_as<Result<void>>;
  { read_only.queued_bytes() } -> std::convertible_to<std::size_t>;
  { read_only.limits().high_water_bytes } -> std::convertible_to<std::size_t>;
  { read_only.peer_address() } -> std::same_as<Result<Address>>;
};

}  // namespace weir
