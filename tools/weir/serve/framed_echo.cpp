#include "tools/weir/serve/framed_echo.h"

#include <optional>
#include <utility>

#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::tools::serve {
namespace {

using protocols::FrameView;
using protocols::JsonFrame;
using protocols::JsonHeader;
using protocols::LengthPrefix;
using protocols::Line;
using protocols::LineEnd;
using protocols::VarintPrefix;

constexpr std::size_t json_header_bytes_max = std::size_t{64} << 10;

/// What one resume found is answered with one gather.
template <typename C, typename S>
Task<Result<void>> echo_batches(S stream, C codec) {
  FramedStream framed(std::move(stream), codec);
  for (;;) {
    auto frames = co_await framed.read_batch();
    if (!frames) co_return std::unexpected(frames.error());
    if (frames->empty()) co_return Result<void>();
    for (const FrameView frame : *frames) {
      const Result<void> written = co_await framed.write(frame);
      if (!written) co_return written;
    }
  }
}

/// For codecs that do not lend their frames.
template <typename S>
Task<Result<void>> echo_json(S stream) {
  const JsonHeader codec(
      {.header_bytes_max = json_header_bytes_max, .payload_bytes_max = frame_bytes_max});
  FramedStream framed(std::move(stream), codec);
  for (;;) {
    Result<std::optional<JsonFrame>> frame = co_await framed.read();
    if (!frame) co_return std::unexpected(frame.error());
    if (!*frame) co_return Result<void>();
    const Result<void> written = co_await framed.write(std::move(**frame));
    if (!written) co_return written;
  }
}

template <typename C, typename Listener>
Task<Result<ServeStats>> serve_batches(Listener* listener, const ServeOptions& limits,
                                       const C& codec) {
  using S = typename Listener::Stream;
  return listener->serve([codec](S stream) { return echo_batches<C, S>(std::move(stream), codec); },
                         limits);
}

/// The limits are constants that the codecs take.
LengthPrefix length_prefix(std::size_t width_bytes) {
  return LengthPrefix::create({.frame_bytes_max = frame_bytes_max, .width_bytes = width_bytes})
      .value();
}

/// A CR belongs to the line, so that it comes back.
Line line() {
  return Line::create({.line_bytes_max = frame_bytes_max, .line_end = LineEnd::lf}).value();
}

}  // namespace

template <typename Listener>
Task<Result<ServeStats>> serve_framed_echo(Listener* listener, WireCodec codec,
                                           ServeOptions limits) {
  switch (codec) {
    case WireCodec::raw:
      break;
    case WireCodec::len16:
      return serve_batches(listener, limits, length_prefix(2));
    case WireCodec::len32:
      return serve_batches(listener, limits, length_prefix(4));
    case WireCodec::varint:
      return serve_batches(listener, limits, VarintPrefix({.payload_bytes_max = frame_bytes_max}));
    case WireCodec::line:
      return serve_batches(listener, limits, line());
    case WireCodec::json_header:
      return listener->serve(echo_json<typename Listener::Stream>, limits);
  }
  WEIR_ASSERT(false);
  return {};
}

template Task<Result<ServeStats>> serve_framed_echo(TcpListener* listener, WireCodec codec,
                                                    ServeOptions limits);
template Task<Result<ServeStats>> serve_framed_echo(UnixListener* listener, WireCodec codec,
                                                    ServeOptions limits);

}  // namespace weir::tools::serve
