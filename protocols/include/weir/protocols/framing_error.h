// What went wrong in a stream of frames, and where. Whoever knows the peer adds it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace weir::protocols {

struct FramingError {
  std::error_code code;  ///< the reason: an `Error`, whose message is a sentence
  /// Bytes of the stream before the frame that failed. A frame reported only after it was skipped
  /// lies just before this place.
  std::uint64_t stream_offset = 0;
  /// `Error::end_of_stream`: bytes that were missing, at least; a codec that cannot know says 1.
  std::size_t missing_bytes = 0;

  /// "at byte 1024 of the stream: the frame is larger than the limit".
  [[nodiscard]] std::string to_string() const;
};

}  // namespace weir::protocols
