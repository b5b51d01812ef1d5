// Line: text lines.
//
//     +-------+----+-------+------+-----
//     | line  | LF | line  | CRLF | ...        LineEnd::lf_or_crlf takes both
//     +-------+----+-------+------+-----
//
// A CR that no LF follows is part of its line. Bytes are not interpreted, unless Utf8Check asks
// for it; a NUL is a byte like others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/bad_frame_policy.h"
#include "weir/protocols/byte_cursor.h"
#include "weir/protocols/byte_finder.h"
#include "weir/protocols/codec.h"
#include "weir/protocols/delimiter.h"
#include "weir/protocols/frame_view.h"

namespace weir::protocols {

enum class LineEnd : std::uint8_t {
  lf_or_crlf,  ///< either; written as LF
  lf,          ///< a CR before it belongs to the line
  crlf         ///< an LF alone belongs to the line
};

enum class Utf8Check : std::uint8_t { off, on };

struct LineOptions {
  /// Longest line accepted, without its end. No default, see LengthPrefixOptions.
  std::size_t line_bytes_max;
  LineEnd line_end = LineEnd::lf_or_crlf;
  DelimiterBytes line_end_bytes = DelimiterBytes::stripped;
  Utf8Check utf8_check = Utf8Check::off;
  /// A last line without an end is usual in files and from careless peers.
  StreamRest stream_rest = StreamRest::is_error;
  BadFrame bad_frame = BadFrame::ends_stream;
  TooLargeReport too_large_report = TooLargeReport::at_once;
};

class Line {
 public:
  using Options = LineOptions;
  using Frame = Chain;

  /// Error::option_invalid if the limit is outside what Delimiter takes.
  [[nodiscard]] static Result<Line> create(const Options& options);

  /// The next line, retained. Errors: frame_too_large, text_not_utf8.
  [[nodiscard, gnu::always_inline]] Result<std::optional<Frame>> decode(Chain& input) {
    return decode_retained(*this, input);
  }
  /// The next line, borrowed.
  [[nodiscard]] Result<std::optional<FrameView>> decode(ByteCursor& input);

  /// See QuickCodec.
  [[nodiscard]] bool find_quickly(const std::byte* at, std::size_t contiguous_bytes,
                                  ByteFinder& finder, FrameExtent& frame) const noexcept {
    return utf8_check_ == Utf8Check::off &&
           delimiter_.find_quickly(at, contiguous_bytes, finder, frame);
  }

  /// Appends `line` and its end. Error::frame_malformed if a line end is in it, or a CR at its
  /// end would become part of one; Error::text_not_utf8 where that is checked.
  [[nodiscard]] Result<> encode(Frame line, Chain& output) const;

  [[nodiscard]] Result<std::optional<Frame>> finish(Chain& rest);
  [[nodiscard]] bool continues_after_error() const noexcept {
    return delimiter_.continues_after_error();
  }

 private:
  Line(Delimiter delimiter, Utf8Check utf8_check) noexcept
      : delimiter_(std::move(delimiter)), utf8_check_(utf8_check) {}

  Delimiter delimiter_;
  Utf8Check utf8_check_;
  std::size_t skipped_bytes_ = 0;  // a line that was refused, still at the front
};

static_assert(QuickCodec<Line>);

}  // namespace weir::protocols
