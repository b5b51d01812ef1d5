// The three cures: what both sides of a connection agree on.
//
//     ack      "5", wait for "ok", "hello"      (StopAndWait)
//     packed   05 00 00 00 "hello"              (LengthPrefix)
//     json     a JSON header, "hello"           (JsonHeader)
#pragma once

#include <bit>
#include <chrono>
#include <cstddef>
#include <utility>

#include "weir/base/chain.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/stop_and_wait.h"

namespace sticky {

inline constexpr std::size_t message_bytes_max = std::size_t{1} << 20;
inline constexpr auto patience = std::chrono::seconds(10);

// The tutorial's programs write no end behind a length. With one no silence is taken for it.
inline weir::protocols::StopAndWaitSender acknowledged_sender(
    weir::protocols::LengthEnd length_end = weir::protocols::LengthEnd::none) {
  return weir::protocols::StopAndWaitSender({.message_bytes_max = message_bytes_max,
                                             .acknowledgement_timeout = patience,
                                             .length_end = length_end});
}

inline weir::protocols::StopAndWaitReceiver acknowledged_receiver(
    weir::protocols::LengthEnd length_end = weir::protocols::LengthEnd::none) {
  return weir::protocols::StopAndWaitReceiver({.message_bytes_max = message_bytes_max,
                                               .settle_time = std::chrono::milliseconds(2),
                                               .message_timeout = patience,
                                               .length_end = length_end});
}

inline weir::protocols::LengthPrefix packed() {
  // The largest frame includes the length itself. Known to be valid.
  return weir::protocols::LengthPrefix::create({.frame_bytes_max = message_bytes_max + 4,
                                                .order = std::endian::little,
                                                .sign = weir::protocols::Sign::is_signed})
      .value();
}

inline weir::protocols::JsonHeader json() {
  return weir::protocols::JsonHeader(
      {.header_bytes_max = 4096, .payload_bytes_max = message_bytes_max});
}

// The payload of a codec's frame, and a frame of a payload.
inline void put(weir::Chain payload, weir::Chain& frame) { frame = std::move(payload); }
inline void put(weir::Chain payload, weir::protocols::JsonFrame& frame) {
  frame.payload = std::move(payload);
}
inline const weir::Chain& payload_of(const weir::Chain& frame) { return frame; }
inline const weir::Chain& payload_of(const weir::protocols::JsonFrame& frame) {
  return frame.payload;
}

}  // namespace sticky
