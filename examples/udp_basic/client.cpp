// The tutorial's UDP client: sends "hello", prints the answer and whose it is.
//
//     weir_udp_basic_client ADDRESS [MESSAGE]
//
// A datagram may get lost, or its answer, and the original then waits for ever. This one asks
// again, which is right because the question does no harm when it arrives twice.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <utility>

#include "datagram_socket.h"
#include "weir/weir.h"

namespace {

using udp_basic::Datagram;
using udp_basic::DatagramSocket;

constexpr auto patience = std::chrono::milliseconds(500);
constexpr int tries_max = 3;

weir::Task<weir::Result<Datagram>> ask(weir::Address server, std::string message) {
  weir::Result<DatagramSocket> socket = DatagramSocket::connect(server);
  if (!socket) co_return std::unexpected(socket.error());
  weir::Result<Datagram> answer = weir::fail(weir::Error::deadline_exceeded);
  for (int tries = 0; tries < tries_max; ++tries) {
    const weir::Result<void> sent = socket->send(message);
    if (!sent) co_return std::unexpected(sent.error());
    weir::Task<weir::Result<Datagram>> receiving = socket->receive();
    answer = co_await weir::with_timeout(patience, std::move(receiving));
    if (answer || answer.error() != weir::Error::deadline_exceeded) break;
  }
  co_return answer;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: weir_udp_basic_client ADDRESS [MESSAGE]\n");
    return 2;
  }
  const weir::Result<weir::Address> server = weir::Address::parse(argv[1]);
  if (!server) {
    std::fprintf(stderr, "weir_udp_basic_client: %s\n",
                 weir::explain_address_error(argv[1]).c_str());
    return 2;
  }
  const std::string message = argc > 2 ? argv[2] : "hello";
  const weir::Result<Datagram> answer =
      weir::run({.shards = 1}, [&] { return ask(*server, message); });
  if (!answer) {
    std::fprintf(stderr, "weir_udp_basic_client: %s: %s\n", argv[1],
                 answer.error().message().c_str());
    return EXIT_FAILURE;
  }
  std::printf("%s from %s\n", answer->payload.c_str(), answer->peer.to_string().c_str());
  return EXIT_SUCCESS;
}
