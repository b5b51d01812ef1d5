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

#include "weir/weir.h"

namespace {

constexpr auto patience = std::chrono::milliseconds(500);
constexpr int tries_max = 3;

/// A copy: the memory of a datagram belongs to the runtime, which has ended when this is printed.
struct Answer {
  std::string text;
  weir::Address peer;
};

weir::Task<weir::Result<Answer>> ask(weir::Address server, std::string message) {
  weir::Result<weir::UdpSocket> socket = weir::UdpSocket::connect(server);
  if (!socket) co_return std::unexpected(socket.error());
  for (int tries = 0; tries < tries_max; ++tries) {
    const weir::Result<void> sent = co_await socket->send(message);
    if (!sent) co_return std::unexpected(sent.error());
    const weir::Result<weir::DatagramTrain> answer =
        co_await weir::with_timeout(patience, socket->receive_one());
    if (answer) {
      std::string text(weir::as_text(answer->payload.bytes()));
      co_return Answer(std::move(text), answer->peer);
    }
    if (answer.error() != weir::Error::deadline_exceeded) co_return std::unexpected(answer.error());
  }
  co_return weir::fail(weir::Error::deadline_exceeded);
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
  const weir::Result<Answer> answer =
      weir::run({.shards = 1}, [&] { return ask(*server, message); });
  if (!answer) {
    std::fprintf(stderr, "weir_udp_basic_client: %s: %s\n", argv[1],
                 answer.error().message().c_str());
    return EXIT_FAILURE;
  }
  std::printf("%s from %s\n", answer->text.c_str(), answer->peer.to_string().c_str());
  return EXIT_SUCCESS;
}
