// COBS: consistent overhead byte stuffing (Cheshire and Baker, 1999). Frames without a zero byte in
// them, ended by one: a receiver that joins late, or loses bytes, is in step again at the next
// zero. The usual framing of serial lines.
//
//     payload   11 22 00 33
//     wire      03 11 22 02 33 00
//               ^        ^     ^ end of the frame
//               |        2 bytes to the next zero, or to the end
//               3 bytes to the first zero; FF: 254 bytes and no zero after them
//
// At most one byte in 254 is added. Decoding copies, because zeros come back in place of codes.
// Zeros between frames, as senders write to put a line in step, are ignored.
#pragma once

#include <cstddef>
#include <optional>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/bad_frame_policy.h"
#include "weir/protocols/codec.h"

namespace weir::protocols {

struct CobsOptions {
  /// Largest payload accepted. No default, see LengthPrefixOptions.
  std::size_t payload_bytes_max;
  BadFrame bad_frame = BadFrame::ends_stream;
};

class Cobs {
 public:
  using Options = CobsOptions;
  using Frame = Chain;

  /// Error::option_invalid if the limit is above 2^31.
  [[nodiscard]] static Result<Cobs> create(const Options& options) noexcept;

  /// The next payload, in a buffer of its own. Errors: frame_malformed (a code points behind the
  /// end), frame_too_large, pool_exhausted (nothing is lost: call again when memory came back).
  [[nodiscard]] Result<std::optional<Frame>> decode(Chain& input);

  /// Appends `payload`, stuffed, in one buffer. Errors: frame_too_large, pool_exhausted.
  [[nodiscard]] Result<> encode(const Frame& payload, Chain& output) const;

  /// Nothing comes of a rest; a bad frame that is being skipped is no error again.
  [[nodiscard]] Result<std::optional<Frame>> finish(Chain& rest) noexcept;
  [[nodiscard]] bool continues_after_error() const noexcept { return continues_; }

  /// Largest wire form of `payload_bytes`, without the zero that ends it.
  [[nodiscard]] static constexpr std::size_t stuffed_bytes_max(std::size_t payload_bytes) noexcept {
    return payload_bytes + payload_bytes / 254 + 1;
  }

 private:
  explicit Cobs(const Options& options) noexcept : options_(options) {}

  void skip_zeros(Chain& input) noexcept;
  [[nodiscard]] Result<std::optional<Frame>> bad(Error error) noexcept;
  [[nodiscard]] Result<std::optional<Frame>> unstuff(Chain& input, std::size_t stuffed_bytes);

  Options options_;
  std::size_t searched_bytes_ = 0;  // the first bytes of the input hold no zero
  bool is_skipping_ = false;        // up to the next zero
  bool continues_ = false;
};

static_assert(Codec<Cobs>);

}  // namespace weir::protocols
