// One message of a receive, wherever the kernel has put its parts.
#pragma once

#include <cstddef>
#include <span>

#include "weir/net/internet_address.h"

namespace weir::reactor {

struct ArrivedDatagram {
  InternetAddress peer;
  std::span<const std::byte> control;
  bool control_truncated = false;      ///< MSG_CTRUNC
  std::size_t wire_bytes = 0;          ///< also if less of it was received
  std::span<const std::byte> payload;  ///< not set where it lies in a DatagramWindow
};

}  // namespace weir::reactor
