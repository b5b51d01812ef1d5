#include "tools/weir/load/message/frame_edges.h"

#include <cstdint>

#include <fmt/format.h>

#include "weir/base/bytes.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t json_prefix_bytes = 4;

}  // namespace

FrameEdges::FrameEdges(WireCodec codec, std::size_t payload_bytes) noexcept {
  switch (codec) {
    case WireCodec::raw:
      return;
    case WireCodec::len16:
      store_be<std::uint16_t>(head_.data(), static_cast<std::uint16_t>(payload_bytes));
      head_bytes_ = sizeof(std::uint16_t);
      return;
    case WireCodec::len32:
      store_be<std::uint32_t>(head_.data(), static_cast<std::uint32_t>(payload_bytes));
      head_bytes_ = sizeof(std::uint32_t);
      return;
    case WireCodec::varint:
      for (; payload_bytes >= 0x80; payload_bytes >>= 7) {
        head_[head_bytes_++] = static_cast<std::byte>(payload_bytes | 0x80);
      }
      head_[head_bytes_++] = static_cast<std::byte>(payload_bytes);
      return;
    case WireCodec::line:
      tail_bytes_ = 1;
      return;
    case WireCodec::json_header:
      write_json_head(payload_bytes);
      return;
  }
}

void FrameEdges::write_json_head(std::size_t payload_bytes) noexcept {
  char* const text = reinterpret_cast<char*>(head_.data()) + json_prefix_bytes;
  const auto written = fmt::format_to_n(text, head_bytes_max - json_prefix_bytes,
                                        R"({{"data_size": {}}})", payload_bytes);
  WEIR_ASSERT(written.size <= head_bytes_max - json_prefix_bytes);
  store_le<std::uint32_t>(head_.data(), static_cast<std::uint32_t>(written.size));
  head_bytes_ = json_prefix_bytes + written.size;
}

}  // namespace weir::tools::load
