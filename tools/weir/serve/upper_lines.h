// What `weir serve upper` makes of the bytes of one connection. No I/O.
//
//     many    "hello\nWorld\r\nla"   ->   "HELLO\nWORLD\r\n"   and "LA" once the stream has ended
//     one     " hello\n" ...          ->   "HELLO"
//
// See upper_service.h for why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/line.h"

namespace weir::tools::serve {

void to_upper_ascii(std::span<std::byte> text) noexcept;

/// Answers every line, with its line end. Belongs to one connection.
class UpperLines {
 public:
  struct Taken {
    std::error_code error{};
    bool may_be_more = false;  ///< enough for one turn has been answered
  };

  /// \param line_bytes_max  longest line, its end not counted
  explicit UpperLines(std::size_t line_bytes_max);

  /// Moves the whole lines of `inbox` to the end of `answers`. Error::frame_too_large: end the
  /// connection, after the answers to the lines before it.
  [[nodiscard]] Taken take_lines(Chain& inbox, Chain& answers);

  /// The stream has ended, and `take_lines` found nothing more: the rest is a line too.
  [[nodiscard]] Result<void> take_rest(Chain& inbox, Chain& answers);

 private:
  protocols::Deframer<protocols::Line> deframer_;
};

/// Answers the first line, without its end and the space around it. Belongs to one connection.
class UpperLine {
 public:
  enum class StreamEnd : std::uint8_t { not_seen, seen };

  explicit UpperLine(std::size_t line_bytes_max);

  /// The answer, at most once: it may be empty. `nullopt`: read more; or there is no line, if the
  /// stream has ended. Error::frame_too_large.
  [[nodiscard]] Result<std::optional<Chain>> take(Chain& inbox, StreamEnd stream_end);

 private:
  protocols::Deframer<protocols::Line> deframer_;
};

}  // namespace weir::tools::serve
