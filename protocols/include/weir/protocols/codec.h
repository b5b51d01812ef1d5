// Codec: what every wire format of weir::protocols looks like from outside.
//
//      bytes received            Codec::decode             frames
//     +--------+------+---      removes one whole         +-------+
//     | frame  | fra          frame from the front  --->  | Frame |
//     +--------+------+---                                +-------+
//
//      bytes to send             Codec::encode             frames
//     +--------+---------+    appends the header and       +-------+
//     | header | payload |  <--- references the payload    | Frame |
//     +--------+---------+                                 +-------+
//
// Sans I/O: no socket, no clock, no thread. The same codec runs under a stream, a test and a
// fuzzer, and `FramedStream<Codec>` of the runtime joins it to a connection. A codec may keep state
// between frames (a decompressor, a sequence number), and then serves one connection.
//
// Limits are the codec's constructor arguments, without defaults: what bounds the memory a hostile
// peer can make the receiver spend is chosen by whoever knows the service.
#pragma once

#include <concepts>
#include <optional>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"

namespace weir::protocols {

/// A type that cuts a byte stream into frames, and writes frames as bytes.
///
/// `decode(input)` looks at the front of `input`:
/// - a whole frame is there: removes its bytes from `input` and returns it;
/// - bytes are missing: returns `nullopt` and leaves `input` as it was. Not an error; call again
///   when more has arrived. An empty input is always "bytes are missing";
/// - the front can never become a frame, or breaks a limit: an error, as early as it is certain.
///   The stream cannot be resynchronised after it: close the connection.
///
/// It is a loop's body: a received chain may hold many frames. It does not allocate for the
/// payload: `Frame` keeps slices of the input's buffers alive, or borrows from them and says so.
///
/// `encode(frame, output)` appends the frame's bytes to `output`. The header is written, the
/// payload moves in by reference. Fails, with `output` as it was, if the frame breaks the codec's
/// own limits.
template <typename C>
concept Codec = requires(C& codec, Chain& chain, typename C::Frame frame) {
  { codec.decode(chain) } -> std::same_as<Result<std::optional<typename C::Frame>>>;
  { codec.encode(std::move(frame), chain) } -> std::same_as<Result<>>;
} && std::movable<typename C::Frame>;

}  // namespace weir::protocols
