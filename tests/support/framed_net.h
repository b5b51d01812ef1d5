// What tests of framed streams share: codecs, framed bytes and readers of everything.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/net_fixture.h"
#include "weir/net/framed_stream.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"

namespace weir::test {

inline protocols::LengthPrefix length_prefix(std::size_t frame_bytes_max = 1 << 20) {
  return protocols::LengthPrefix::create({.frame_bytes_max = frame_bytes_max}).value();
}

inline protocols::Line line(protocols::StreamRest rest = protocols::StreamRest::is_error) {
  return protocols::Line::create({.line_bytes_max = 64, .stream_rest = rest}).value();
}

inline protocols::Line line_up_to(std::size_t line_bytes_max) {
  return protocols::Line::create({.line_bytes_max = line_bytes_max}).value();
}

inline Chain chain_of(std::string_view text) { return Buffer::copy_of(as_bytes(text)); }

/// Its length in 4 bytes, big-endian, and the text.
inline std::string framed(std::string_view text) {
  std::string bytes = {0, 0, static_cast<char>(text.size() >> 8), static_cast<char>(text.size())};
  return bytes.append(text);
}

/// All frames up to the end, each read alone.
template <typename C, typename S>
Task<std::vector<std::string>> read_all(FramedStream<C, S>* framed) {
  std::vector<std::string> frames;
  for (;;) {
    Result<std::optional<Chain>> frame = co_await framed->read();
    EXPECT_TRUE(frame) << framed->explain(frame.error());
    if (!frame || !*frame) co_return frames;
    frames.push_back((*frame)->to_string());
  }
}

/// The same in batches.
template <typename C, typename S>
Task<std::vector<std::string>> read_all_batches(FramedStream<C, S>* framed) {
  std::vector<std::string> frames;
  for (;;) {
    auto batch = co_await framed->read_batch();
    EXPECT_TRUE(batch) << framed->explain(batch.error());
    if (!batch || batch->empty()) co_return frames;
    for (const protocols::FrameView frame : *batch) frames.push_back(frame.to_string());
  }
}

}  // namespace weir::test
