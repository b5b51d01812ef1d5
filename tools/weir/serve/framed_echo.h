// `weir serve echo --codec NAME`: takes each frame out of the stream and sends it back as a frame.
//
//     bytes --> codec --> frame --> codec --> bytes
//
// What comes back is byte for byte what came, but a frame at a time: half a frame is not answered.
// What the codec refuses, a frame above `frame_bytes_max` and a stream that ends inside a frame
// end the connection, after the answers to the frames before.
#pragma once

#include <cstddef>

#include "tools/weir/common/wire_codec.h"
#include "weir/weir.h"

namespace weir::tools::serve {

/// With its header. len16 can say no more than 64 KiB.
inline constexpr std::size_t frame_bytes_max = std::size_t{1} << 20;

/// Until the listener has been drained. \param codec not `raw`
/// Listener: TcpListener or UnixListener.
template <typename Listener>
Task<Result<ServeStats>> serve_framed_echo(Listener* listener, WireCodec codec,
                                           ServeOptions limits);

}  // namespace weir::tools::serve
