// Decompresses a zlib stream piece by piece, into memory of the caller's: what is not asked for is
// not produced, so a small input cannot blow up.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>

namespace weir::tools::load {

class Inflation {
 public:
  /// DEFLATE makes no more than this many bytes out of one (zlib's technical notes: 1032).
  static constexpr std::size_t expansion_max = 1032;

  /// \param compressed  outlives this object
  explicit Inflation(std::span<const std::byte> compressed);
  ~Inflation();
  Inflation(const Inflation&) = delete;
  Inflation& operator=(const Inflation&) = delete;

  /// The number of bytes that `out` got: fewer than it holds only at the end of the stream, or
  /// where the stream is malformed or cut off.
  [[nodiscard]] std::size_t read(std::span<std::byte> out);

  /// Whether all was read, the checksum is right and nothing follows it.
  [[nodiscard]] bool ends_here();

  /// What was read so far broke the format.
  [[nodiscard]] bool is_malformed() const noexcept { return is_malformed_; }

 private:
  z_stream stream_{};
  bool is_at_end_ = false;
  bool is_malformed_ = false;
};

}  // namespace weir::tools::load
