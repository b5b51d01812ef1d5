// The command line of weir_delay_relay.
#pragma once

#include <expected>
#include <optional>
#include <span>
#include <string>

#include "emulated_path.h"
#include "relay_thread.h"

namespace delay_relay {

inline constexpr const char* usage =
    "usage: weir_delay_relay --rtt TIME [FLAG VALUE ...] [--json]\n"
    "\n"
    "  --rtt TIME               round-trip time, 100us to 10s; a packet takes half of it\n"
    "  --client NAMESPACE       a process's number or a file such as /run/netns/a (a new one)\n"
    "  --server NAMESPACE       the other end, in another namespace (a new one)\n"
    "  --network ADDRESS        its /30 has the client (1 more) and the server (2) (198.18.0.0)\n"
    "  --device NAME            of the TUN device at each end (weir0)\n"
    "  --mtu BYTES              576 to 65535 (1500)\n"
    "  --packets-max COUNT      under way in one direction; more are dropped, and counted (8192)\n"
    "  --duration TIME          ends by itself (at SIGINT or SIGTERM)\n"
    "  --probe COUNT            measures so many round trips over the path, then ends\n"
    "  --json                   the summary as one JSON object\n"
    "\n"
    "How it keeps to time (see README.md):\n"
    "  --wake-early TIME        be awake so long before a packet is due, 0us to 10ms (200us)\n"
    "  --spin TIME              look for packets so long before sleeping, 0us to 10s (0us)\n"
    "  --realtime PRIORITY      SCHED_FIFO, 1 to 99, if allowed; 0: an ordinary thread (10)\n"
    "  --cpu NUMBER             stay on one CPU (any)\n"
    "  --backend NAME           auto, io_uring or epoll (auto)\n"
    "\n"
    "TIME is a number and us, ms or s. Prints \"READY CLIENT ADDRESS SERVER ADDRESS\" once it\n"
    "relays: the namespaces as files, for nsenter --net=FILE. Needs root, and /dev/net/tun.\n";

struct Options {
  PathOptions path;
  RelaySettings relay;
  std::optional<weir::Duration> duration;
  std::optional<unsigned> probes;
  bool is_json = false;
};

/// \param arguments  without the program's name
/// \returns  what is wrong with them, as a sentence without a full stop
[[nodiscard]] std::expected<Options, std::string> parse_options(std::span<char*> arguments);

}  // namespace delay_relay
