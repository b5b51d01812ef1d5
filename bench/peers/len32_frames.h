// An echo of frames by hand: each length is read and checked, each whole frame written anew.
//
//     0                 4                       4 + length
//     +-----------------+-----------------------+-----------
//     | length (u32 BE) | payload: length bytes | next frame
//     +-----------------+-----------------------+-----------
//
// The same few lines for every peer: what they differ in is how bytes get here and away again.
#pragma once

#include <arpa/inet.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "peer_process.h"

namespace peer {

constexpr std::size_t prefix_bytes = 4;
constexpr std::size_t payload_bytes_max = 64UL * 1024;
constexpr std::size_t frame_bytes_max = prefix_bytes + payload_bytes_max;

struct Reframed {
  std::size_t consumed_bytes, reply_bytes;
  bool refused;  // a frame announces too much
};

/// Decodes the whole frames at the front of `input` and encodes each into `reply`, which has room
/// for `length` bytes.
inline Reframed reframe(const char* input, std::size_t length, char* reply) {
  Reframed done = {};
  while (length - done.consumed_bytes >= prefix_bytes) {
    const char* frame = input + done.consumed_bytes;
    std::uint32_t field = 0;
    std::memcpy(&field, frame, prefix_bytes);
    const std::size_t payload_bytes = ntohl(field);
    if (payload_bytes > payload_bytes_max) {
      done.refused = true;
      break;
    }
    if (length - done.consumed_bytes - prefix_bytes < payload_bytes) break;
    field = htonl(static_cast<std::uint32_t>(payload_bytes));
    std::memcpy(reply + done.reply_bytes, &field, prefix_bytes);
    std::memcpy(reply + done.reply_bytes + prefix_bytes, frame + prefix_bytes, payload_bytes);
    done.consumed_bytes += prefix_bytes + payload_bytes;
    done.reply_bytes += prefix_bytes + payload_bytes;
  }
  return done;
}

/// The front of a frame whose end is missing, copied aside. All zero: there is none.
struct PartialFrame {
  char* bytes;  ///< malloc'ed; null almost always
  std::size_t length;

  /// Takes the place of what was kept before, which `rest` must not be a part of.
  void keep(const char* rest, std::size_t rest_bytes) {
    if (bytes == nullptr && rest_bytes == 0) return;
    clear();
    if (rest_bytes == 0) return;
    bytes = static_cast<char*>(std::malloc(rest_bytes));
    if (bytes == nullptr) fail("malloc", ENOMEM);
    std::memcpy(bytes, rest, rest_bytes);
    length = rest_bytes;
  }
  void clear() {
    std::free(bytes);
    *this = {};
  }
};

}  // namespace peer
