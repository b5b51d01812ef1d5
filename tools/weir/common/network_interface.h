// The network interfaces of this host that are up, and what the kernel or the card does for them:
// with segmentation offload a message may pass the stack as one packet of 64 KiB, without as many
// of the MTU, so that results with and without are of different things.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

enum class OffloadState : std::uint8_t { off, on, unreadable };

/// `off`, `on`, `cannot be read`
[[nodiscard]] std::string_view to_text(OffloadState state) noexcept;

struct Offload {
  std::string_view name;  ///< `tso`, `gso`, `gro`, `tx_checksum`
  OffloadState state = OffloadState::unreadable;
};

struct NetworkInterface {
  std::string name;
  unsigned mtu = 0;  ///< 0: it cannot be read
  std::vector<Offload> offloads{};
};

/// Those that are up in this network namespace, in the kernel's order. No privilege is needed.
[[nodiscard]] std::vector<NetworkInterface> read_network_interfaces();

/// `lo: MTU 65536, tso on, gso on, gro on, tx_checksum on`
[[nodiscard]] std::string network_interface_text(const NetworkInterface& interface);

}  // namespace weir::tools
