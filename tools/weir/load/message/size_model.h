// How long the payloads of generated requests are: `--size 64`, `--size 100-1400`, `--size
// exp:256`.
//
// The size of a request is a function of (seed, connection, request): a run can be repeated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/message/request_draws.h"

namespace weir::tools::load {

/// No request and no answer has a larger payload.
inline constexpr std::size_t payload_bytes_max = std::size_t{16} << 20;

/// The smallest and the largest there can be.
struct ByteRange {
  std::size_t min = 0;
  std::size_t max = 0;

  [[nodiscard]] bool is_single() const noexcept { return min == max; }
  bool operator==(const ByteRange&) const = default;
};

class SizeModel {
 public:
  /// How far an exponential size may be above its mean. Beyond lie e^-64 of all: the bound is for
  /// those who reserve memory, not for the distribution.
  static constexpr std::size_t means_max = 64;

  /// Every payload has this size; at least 1, as all sizes.
  [[nodiscard]] static SizeModel fixed(std::size_t bytes) noexcept;
  /// All sizes of the range, each as often.
  [[nodiscard]] static SizeModel uniform(ByteRange range) noexcept;
  /// Many small ones and a few large ones: the exponential distribution for whole bytes (the
  /// geometric one), which begins at 1 and has exactly this mean, cut at 64 means.
  [[nodiscard]] static SizeModel exponential(std::size_t mean) noexcept;

  [[nodiscard]] std::size_t draw(RequestDraws& draws) const noexcept;
  [[nodiscard]] bool is_fixed() const noexcept { return range_.is_single(); }
  [[nodiscard]] ByteRange range() const noexcept { return range_; }

  bool operator==(const SizeModel&) const = default;

 private:
  SizeModel(ByteRange range, double bytes_per_log) noexcept
      : range_(range), bytes_per_log_(bytes_per_log) {}

  ByteRange range_;
  double bytes_per_log_;  ///< of the exponential one; 0: uniform
};

/// What a generated payload has if nobody says anything.
inline const SizeModel size_default = SizeModel::fixed(64);

/// `64`, `16k`, `lo-hi` or `exp:MEAN`, each size as in `parse_byte_size`.
[[nodiscard]] Checked<SizeModel> parse_size_model(std::string_view text);

}  // namespace weir::tools::load
