// Tests of UDP sockets: a fresh runtime a test, on each backend, over loopback.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/net_fixture.h"
#include "weir/core/deadline.h"
#include "weir/net/udp_server.h"
#include "weir/net/udp_socket.h"

namespace weir::test {

inline std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
inline std::string text_of(std::span<const std::byte> bytes) {
  return {static_cast<const char*>(static_cast<const void*>(bytes.data())), bytes.size()};
}

/// Bytes that tell where they belong: the same for each `seed` and place.
inline std::string pattern(std::size_t size, unsigned seed) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>((i * 7 + seed * 31) & 0xff);
  return text;
}

/// Two sockets of this shard. `client` is connected to `server`.
struct UdpPair {
  UdpSocket server;
  UdpSocket client;
};
inline UdpPair udp_pair(const UdpOptions& server_options = {},
                        const UdpOptions& client_options = {}) {
  UdpSocket server = UdpSocket::bind(Address::loopback(0), server_options).value();
  UdpSocket client = UdpSocket::connect(server.local_address().value(), client_options).value();
  return {std::move(server), std::move(client)};
}

/// Serves until the drain, a cancellation or an error.
inline Task<void> serve_into(UdpServer* server, UdpServer::Service service,
                             std::optional<Result<void>>* ended) {
  ended->emplace(co_await server->serve(std::move(service)));
}

/// Receives until `count` datagrams have come.
inline Task<std::vector<std::string>> receive_texts(UdpSocket* socket, std::size_t count) {
  std::vector<std::string> texts;
  while (texts.size() < count) {
    const Result<DatagramBatch> batch = co_await socket->receive();
    if (!batch || batch->empty()) {
      ADD_FAILURE() << "ended after " << texts.size() << " of " << count
                    << " datagrams: " << (batch ? "an empty batch" : batch.error().message());
      break;
    }
    for (const Datagram& datagram : *batch) texts.push_back(text_of(datagram.payload()));
  }
  co_return texts;
}

}  // namespace weir::test
