// A path between two network namespaces: a TUN device in each, and nothing in between but whoever
// reads the one and writes the other (relay.h).
//
//     client namespace                                     server namespace
//       198.18.0.1/30  weir0  <--- relay: RTT/2 later --->  weir0  198.18.0.2/30
//
// The addresses are of the block that RFC 2544 sets apart for measuring. A path outlives its
// relays: measure one RTT after the other on it. Nothing of it is left once it is destroyed.
#pragma once

#include <cstdint>
#include <string>

#include "network_namespace.h"
#include "problem.h"
#include "tun_device.h"

namespace delay_relay {

struct PathOptions {
  std::string client_namespace{};  ///< a process's number or a file; empty: a new one
  std::string server_namespace{};  ///< the same, and not the same namespace
  std::string device = "weir0";    ///< the name of the device in each
  unsigned mtu_bytes = 1500;
  Ipv4Address network{198, 18, 0, 0};  ///< of prefix 30: the client has 1 more, the server 2
  unsigned device_packets_max = 8192;  ///< what each device holds until the relay reads it
};

struct PathEnd {
  NetworkNamespace home;
  TunDevice device;
  Ipv4Address address;
};

class EmulatedPath {
 public:
  [[nodiscard]] static OrProblem<EmulatedPath> make(const PathOptions& options);

  [[nodiscard]] const PathEnd& client() const noexcept { return client_; }
  [[nodiscard]] const PathEnd& server() const noexcept { return server_; }
  [[nodiscard]] unsigned mtu_bytes() const noexcept { return mtu_bytes_; }

 private:
  EmulatedPath(PathEnd client, PathEnd server, unsigned mtu_bytes)
      : client_(std::move(client)), server_(std::move(server)), mtu_bytes_(mtu_bytes) {}

  PathEnd client_;
  PathEnd server_;
  unsigned mtu_bytes_;
};

}  // namespace delay_relay
