// What a ring reactor uses of the kernel. The self-tests decide; tests decide otherwise.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reactor/uring/ring.h"

namespace weir::reactor {

struct UringProbe;

/// How a turn with many sends does them.
enum class ManySends : std::uint8_t {
  tried,  ///< whichever way a `Trial` shows to be cheaper, of the two:
  ring,   ///< as entries of the ring, which one system call submits
  calls,  ///< by a system call each
};

/// What `probed` says of it. Tests set another.
inline ManySends many_sends_probed = ManySends::tried;

struct UringOptions {
  RingOptions ring;
  bool incremental_buffers = true;
  bool reorder_buffers = true;
  bool multishot_receive = true;
  bool multishot_accept = true;
  bool multishot_datagrams = true;
  bool instant_sends = true;
  /// A turn that starts fewer sends than this does each that is awaited by a system call of its
  /// own. Measured: a lone send is cheaper that way.
  std::size_t direct_sends_below = 4;
  /// One that starts as many or more.
  ManySends many_sends = ManySends::tried;

  /// What `probe` found to work.
  [[nodiscard]] static UringOptions from(const UringProbe& probe) noexcept;
  /// The same for this machine.
  [[nodiscard]] static UringOptions probed();
};

}  // namespace weir::reactor
