#include "tools/weir/load/message/frame_edges.h"

#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t limit = std::size_t{32} << 20;

std::string text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string framed(WireCodec codec, const std::string& payload) {
  const FrameEdges edges(codec, payload.size());
  return text_of(edges.head()) + payload + text_of(edges.tail());
}

/// What the codec of weir::protocols writes.
std::string encoded(WireCodec codec, const std::string& payload) {
  using namespace protocols;
  Chain frame(Buffer::copy_of(as_bytes(payload)));
  Chain wire;
  Result<> done;
  switch (codec) {
    case WireCodec::raw:
      wire = std::move(frame);
      break;
    case WireCodec::len16:
    case WireCodec::len32: {
      const std::size_t width = codec == WireCodec::len16 ? 2 : 4;
      const auto prefix =
          LengthPrefix::create({.frame_bytes_max = limit, .width_bytes = width}).value();
      done = prefix.encode(std::move(frame), wire);
      break;
    }
    case WireCodec::varint:
      done = VarintPrefix({.payload_bytes_max = limit}).encode(std::move(frame), wire);
      break;
    case WireCodec::line:
      done = Line::create({.line_bytes_max = limit}).value().encode(std::move(frame), wire);
      break;
    case WireCodec::json_header:
      done = JsonHeader({.header_bytes_max = 4096, .payload_bytes_max = limit})
                 .encode({"", std::move(frame)}, wire);
      break;
  }
  EXPECT_TRUE(done.has_value());
  return wire.to_string();
}

TEST(FrameEdges, AreThoseOfTheCodecs) {
  for (const WireCodec codec : {WireCodec::raw, WireCodec::len16, WireCodec::len32,
                                WireCodec::varint, WireCodec::line, WireCodec::json_header}) {
    for (const std::size_t size : {0UL, 1UL, 9UL, 10UL, 127UL, 128UL, 255UL, 256UL, 16383UL,
                                   16384UL, 65535UL, 65536UL, 2097151UL, 2097152UL, 16777216UL}) {
      if (codec == WireCodec::len16 && size > 65535) continue;
      SCOPED_TRACE(std::string(to_text(codec)) + ", size " + std::to_string(size));
      const std::string payload(size, 'x');

      EXPECT_TRUE(framed(codec, payload) == encoded(codec, payload));
    }
  }
}

}  // namespace
}  // namespace weir::tools::load
