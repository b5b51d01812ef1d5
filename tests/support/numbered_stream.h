// A stream whose every byte follows from its position: a gap, a repetition or a swap shows at once.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/base/chain.h"

namespace weir::test {

[[nodiscard]] inline std::byte numbered_byte(std::uint64_t position) {
  return static_cast<std::byte>((position * 0x9e3779b97f4a7c15U) >> 56);
}

/// `bytes` bytes of the stream, from `position` on.
[[nodiscard]] inline std::vector<std::byte> numbered_bytes(std::uint64_t position,
                                                           std::size_t bytes) {
  std::vector<std::byte> result(bytes);
  for (std::byte& byte : result) byte = numbered_byte(position++);
  return result;
}

/// The same as a chain of heap buffers of `piece_bytes` each.
[[nodiscard]] inline Chain numbered_chain(std::uint64_t position, std::size_t bytes,
                                          std::size_t piece_bytes) {
  Chain chain;
  while (bytes > 0) {
    const std::size_t piece = std::min(bytes, piece_bytes);
    chain.append(Buffer::copy_of(numbered_bytes(position, piece)));
    position += piece;
    bytes -= piece;
  }
  return chain;
}

/// The receiving end: compares what arrives with what has to arrive next.
class NumberedReader {
 public:
  [[nodiscard]] std::uint64_t position() const { return position_; }
  /// False once a byte was wrong; `position` is where.
  [[nodiscard]] bool intact() const { return intact_; }

  void take(std::span<const std::byte> bytes) {
    for (const std::byte byte : bytes) {
      if (!intact_) return;
      intact_ = byte == numbered_byte(position_);
      if (intact_) ++position_;
    }
  }

  /// Takes all that is in `inbox`.
  void take(Chain& inbox) {
    while (!inbox.empty()) take(inbox.pop_front().bytes());
  }

 private:
  std::uint64_t position_ = 0;
  bool intact_ = true;
};

}  // namespace weir::test
