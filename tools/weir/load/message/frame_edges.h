// What stands before and behind a payload on the wire.
//
//     +---------------------+---------------+------+
//     | head: 0 to 31 bytes | payload       | tail |      tail: the LF of a line
//     +---------------------+---------------+------+
//
// The same bytes as `encode` of the codecs in weir::protocols writes, which a test compares. It is
// not called, because it fails while the shard's pool is spent: a load generator must go on just
// then, out of memory of its own, and has the payload written where it will lie.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "tools/weir/common/wire_codec.h"

namespace weir::tools::load {

class FrameEdges {
 public:
  FrameEdges(WireCodec codec, std::size_t payload_bytes) noexcept;

  [[nodiscard]] std::span<const std::byte> head() const noexcept {
    return std::span(head_).first(head_bytes_);
  }
  [[nodiscard]] std::span<const std::byte> tail() const noexcept {
    return std::span(tail_).first(tail_bytes_);
  }

 private:
  void write_json_head(std::size_t payload_bytes) noexcept;

  static constexpr std::size_t head_bytes_max = 31;

  std::array<std::byte, head_bytes_max> head_;
  std::array<std::byte, 1> tail_{std::byte{'\n'}};
  std::size_t head_bytes_ = 0;
  std::size_t tail_bytes_ = 0;
};

}  // namespace weir::tools::load
