// What a ring reactor uses of the kernel. The self-tests decide; tests decide otherwise.
#pragma once

#include <cstddef>

#include "reactor/uring/ring.h"

namespace weir::reactor {

struct UringProbe;

struct UringOptions {
  RingOptions ring;
  bool incremental_buffers = true;
  bool reorder_buffers = true;
  bool multishot_receive = true;
  bool multishot_accept = true;
  bool multishot_datagrams = true;
  bool instant_sends = true;
  /// A turn that starts fewer sends than this does each by a system call of its own. Measured: a
  /// lone send is cheaper that way, and from about four on the ring is.
  std::size_t direct_sends_below = 4;

  /// What `probe` found to work.
  [[nodiscard]] static UringOptions from(const UringProbe& probe) noexcept;
  /// The same for this machine.
  [[nodiscard]] static UringOptions probed();
};

}  // namespace weir::reactor
