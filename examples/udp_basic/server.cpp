// The tutorial's UDP server: receives one datagram, prints it, answers "hi", ends.
//
//     weir_udp_basic_server [ADDRESS]          127.0.0.1:7002 unless given; port 0: any free one
//
// The original's recvfrom(1024) loses what a datagram has more than that; here it comes whole.
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <utility>

#include "weir/weir.h"

namespace {

weir::Task<weir::Result<void>> answer_one(weir::Address address) {
  weir::Result<weir::UdpSocket> socket = weir::UdpSocket::bind(address);
  if (!socket) co_return std::unexpected(socket.error());
  const weir::Result<weir::Address> bound = socket->local_address();
  if (!bound) co_return std::unexpected(bound.error());
  std::printf("READY %s\n", bound->to_string().c_str());
  std::fflush(stdout);

  const weir::Result<weir::DatagramTrain> request = co_await socket->receive_one();
  if (!request) co_return std::unexpected(request.error());
  const std::string text(weir::as_text(request->payload.bytes()));
  std::printf("received %zu bytes: %s\n", text.size(), text.c_str());
  co_return co_await socket->send_to(request->peer, "hi");
}

}  // namespace

int main(int argc, char** argv) {
  const std::string text = argc > 1 ? argv[1] : "127.0.0.1:7002";
  const weir::Result<weir::Address> address = weir::Address::parse(text);
  if (!address) {
    std::fprintf(stderr, "weir_udp_basic_server: %s\n", weir::explain_address_error(text).c_str());
    return 2;
  }
  const weir::Result<void> served = weir::run({.shards = 1}, [&] { return answer_one(*address); });
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_udp_basic_server: %s: %s\n", text.c_str(),
               served.error().message().c_str());
  return EXIT_FAILURE;
}
