// What a decoder does about a frame it cannot accept but whose end it can find all the same: one
// over the limit, one with a wrong checksum. Where the end is not certain, decoding always ends.
#pragma once

#include <cstdint>

namespace weir::protocols {

enum class BadFrame : std::uint8_t {
  ends_stream,  ///< The first error is final. What a peer sends after it is not trusted.
  is_skipped,   ///< One error for each bad frame; its bytes are dropped as they arrive.
};

enum class TooLargeReport : std::uint8_t {
  at_once,        ///< As soon as the frame is certainly too large.
  after_skipping  ///< When its last byte has been dropped.
};

}  // namespace weir::protocols
