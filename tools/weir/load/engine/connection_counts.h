// What became of the connections of a run.
#pragma once

#include <cstdint>

namespace weir::tools::load {

struct ConnectionCounts {
  std::uint64_t requested = 0;    ///< at a time, as --conns says
  std::uint64_t established = 0;  ///< of them, when the load began
  std::uint64_t opened = 0;       ///< in all, those that replaced others included
  std::uint64_t retired = 0;      ///< closed by us: --reqs-per-conn, --conn-lifetime
  std::uint64_t broken = 0;       ///< ended by the server, the network, a timeout or a wrong answer
  std::uint64_t idle_requested = 0;
  std::uint64_t idle_established = 0;
  std::uint64_t idle_broken = 0;

  void merge(const ConnectionCounts& other) noexcept {
    requested += other.requested;
    established += other.established;
    opened += other.opened;
    retired += other.retired;
    broken += other.broken;
    idle_requested += other.idle_requested;
    idle_established += other.idle_established;
    idle_broken += other.idle_broken;
  }
};

}  // namespace weir::tools::load
