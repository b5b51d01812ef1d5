// What the peers on libraries share and what is not measured: their command lines.
#pragma once

#include <cstring>

#include "peer_process.h"

namespace peer {

struct StreamServerOptions : ServerOptions {
  bool is_framed = false;
  bool writes_each = false;  // a system call a frame
};

/// Reads `NAME echo|discard [--port N] [--cpu N] [--size BYTES] [--codec raw|len32]`, and
/// `--write-each` where the server `can_write_each`.
inline StreamServerOptions parse_stream_server(int count, char** values, const char* usage_text,
                                               bool can_write_each = false) {
  Arguments arguments = {count, values, usage_text};
  StreamServerOptions options;
  options.discard = arguments.either("discard", "echo");
  while (const char* flag = arguments.next()) {
    if (std::strcmp(flag, "--codec") == 0) {
      options.is_framed = arguments.either("len32", "raw");
    } else if (can_write_each && std::strcmp(flag, "--write-each") == 0) {
      options.writes_each = true;
    } else if (!options.take(flag, arguments)) {
      arguments.usage();
    }
  }
  if (options.is_framed && options.discard) arguments.usage();
  if (options.writes_each && !options.is_framed) arguments.usage();
  return options;
}

struct DatagramServerOptions {
  bool sink = false;
  unsigned port = 0;
  int cpu = -1;
};

/// Reads `NAME echo|sink [--port N] [--cpu N]`.
inline DatagramServerOptions parse_datagram_server(int count, char** values,
                                                   const char* usage_text) {
  Arguments arguments = {count, values, usage_text};
  DatagramServerOptions options;
  options.sink = arguments.either("sink", "echo");
  while (const char* flag = arguments.next()) {
    if (std::strcmp(flag, "--port") == 0) {
      options.port = arguments.whole(0, 65535);
    } else if (std::strcmp(flag, "--cpu") == 0) {
      options.cpu = static_cast<int>(arguments.whole(0, CPU_SETSIZE - 1));
    } else {
      arguments.usage();
    }
  }
  return options;
}

}  // namespace peer
