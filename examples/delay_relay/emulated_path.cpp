#include "emulated_path.h"

#include <utility>

namespace delay_relay {
namespace {

OrProblem<NetworkNamespace> find_or_make(const std::string& path_or_pid) {
  return path_or_pid.empty() ? NetworkNamespace::make() : NetworkNamespace::open(path_or_pid);
}

OrProblem<PathEnd> make_end(NetworkNamespace home, const PathOptions& options,
                            std::uint8_t host_number) {
  Ipv4Address address = options.network;
  address[3] = static_cast<std::uint8_t>(address[3] + host_number);
  OrProblem<TunDevice> device =
      TunDevice::make(home, {.name = options.device,
                             .mtu_bytes = options.mtu_bytes,
                             .address = address,
                             .queue_packets = options.device_packets_max});
  if (!device) return std::unexpected(device.error());
  return PathEnd{.home = std::move(home), .device = std::move(*device), .address = address};
}

}  // namespace

OrProblem<EmulatedPath> EmulatedPath::make(const PathOptions& options) {
  OrProblem<NetworkNamespace> client_home = find_or_make(options.client_namespace);
  if (!client_home) return std::unexpected(client_home.error());
  OrProblem<NetworkNamespace> server_home = find_or_make(options.server_namespace);
  if (!server_home) return std::unexpected(server_home.error());
  if (client_home->is_same_as(*server_home)) {
    // An address of one's own is reached through lo, past every device.
    return std::unexpected(
        Problem{.what = "client and server are in one network namespace; they need one each"});
  }
  OrProblem<PathEnd> client = make_end(std::move(*client_home), options, 1);
  if (!client) return std::unexpected(client.error());
  OrProblem<PathEnd> server = make_end(std::move(*server_home), options, 2);
  if (!server) return std::unexpected(server.error());
  return EmulatedPath(std::move(*client), std::move(*server), options.mtu_bytes);
}

}  // namespace delay_relay
