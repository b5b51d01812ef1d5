// Delimiter: frames that end with one of some byte sequences.
//
//     +-----------------+-----------+-----------------+-----------+---
//     | frame           | delimiter | frame           | delimiter | ...
//     +-----------------+-----------+-----------------+-----------+---
//     |<- frame_bytes ->|
//
// The delimiter that is complete first ends the frame; of several that end at the same byte the
// longest counts ("\r\n" before "\n"). So the frames do not depend on how the bytes arrive.
// No byte is searched twice when a frame trickles in, and a delimiter cut by two reads is found.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/bad_frame_policy.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

/// What becomes of the delimiter when a frame is decoded (and is expected when it is encoded).
enum class DelimiterBytes : std::uint8_t { stripped, kept };

/// What the bytes behind the last delimiter are when the stream ends.
enum class StreamRest : std::uint8_t { is_error, is_frame };

struct DelimiterOptions {
  /// 1 to 16, each of 1 to 64 bytes. `encode` writes the first one.
  std::vector<std::string> delimiters;
  /// Largest frame accepted, without its delimiter. No default, see LengthPrefixOptions.
  std::size_t frame_bytes_max;
  DelimiterBytes delimiter_bytes = DelimiterBytes::stripped;
  StreamRest stream_rest = StreamRest::is_error;
  BadFrame bad_frame = BadFrame::ends_stream;
  TooLargeReport too_large_report = TooLargeReport::at_once;
};

class Delimiter {
 public:
  using Options = DelimiterOptions;
  using Frame = Chain;

  /// Error::option_invalid if a value is outside its range.
  [[nodiscard]] static Result<Delimiter> create(Options options);

  /// The next frame, retained. Error::frame_too_large, at the latest when `frame_bytes_max` and the
  /// longest delimiter have arrived without a delimiter.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& input) {
    return decode_retained(*this, input);
  }
  /// The next frame, borrowed.
  [[nodiscard]] Result<std::optional<FrameView>> decode(ByteCursor& input);

  /// See QuickCodec. Frames in one buffer that end with a single byte, or with "\n" or "\r\n".
  [[nodiscard]] bool find_quickly(const std::byte* at, std::size_t contiguous_bytes,
                                  ByteFinder& finder, FrameExtent& frame) const noexcept {
    // Nothing is searched while a frame is half searched or skipped, or for other delimiters.
    const std::size_t searched_bytes = std::min(contiguous_bytes, quick_bytes_max_);
    const std::byte* const last = finder.find(quick_byte_, at + searched_bytes);
    if (last == nullptr) [[unlikely]]
      return false;
    const auto before = static_cast<std::size_t>(last - at);
    const bool is_pair = before != 0 && std::to_integer<int>(last[-1]) == quick_byte_before_;
    const std::size_t content_bytes = before - (is_pair ? 1 : 0);
    frame = {.offset = 0, .size = is_kept_ ? before + 1 : content_bytes, .wire_bytes = before + 1};
    return content_bytes <= options_.frame_bytes_max;
  }

  /// Appends `frame` and the first delimiter. Error::frame_malformed if another delimiter would be
  /// found in it (or none at its end, where delimiters are kept and stand in the frame).
  [[nodiscard]] Result<> encode(Frame frame, Chain& output) const;

  /// What remains when the stream ends, if `stream_rest` makes it a frame.
  [[nodiscard]] Result<std::optional<Frame>> finish(Chain& rest);
  [[nodiscard]] bool continues_after_error() const noexcept {
    return options_.bad_frame == BadFrame::is_skipped;
  }

 private:
  struct Match {
    std::size_t end;   // bytes from the front to behind the delimiter
    std::size_t size;  // of the delimiter
  };

  explicit Delimiter(Options options);

  [[nodiscard]] std::optional<Match> find(const ByteCursor& input, std::size_t from,
                                          std::size_t limit) const;
  [[nodiscard]] std::size_t delimiter_before(const Buffer* buffer, const std::byte* buffer_begin,
                                             const std::byte* end, std::size_t bytes_max) const;
  [[nodiscard]] std::unexpected<std::error_code> too_large(std::size_t searched_bytes) noexcept;
  void set_searched(std::size_t bytes) noexcept;
  void choose_quick_bytes();

  Options options_;
  std::vector<std::string> by_size_;  // the delimiters, longest first
  std::string last_bytes_;            // of the delimiters, each once
  std::size_t longest_ = 0;
  std::size_t kept_while_skipping_ = 0;  // a delimiter may begin in this many last bytes

  // For find_quickly: what a frame of one of the two common kinds ends with.
  std::size_t quick_bytes_max_ = 0;  // 0: ask decode
  std::size_t quick_bytes_max_usual_ = 0;
  std::byte quick_byte_{};
  int quick_byte_before_ = -1;  // -1: none
  bool is_kept_ = false;

  std::size_t searched_bytes_ = 0;  // no delimiter ends before this place of the input
  bool is_skipping_ = false;
  bool is_reported_ = true;  // the frame being skipped
};

static_assert(QuickCodec<Delimiter>);

}  // namespace weir::protocols
