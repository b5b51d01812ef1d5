// The tutorial's first server: accepts one connection, prints what it says, answers "hi", ends.
//
//     weir_tcp_basic_server [ADDRESS]          127.0.0.1:7001 unless given; port 0: any free one
//
// Its wire has no frames: what the first read yields is taken for the request, as in the original.
// A request that arrives in two pieces is answered after the first. A server that is to last calls
// `listener.serve`, as examples/echo does, and frames its messages (docs/framing.md).
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>

#include "weir/weir.h"

namespace {

// The original waits for ever for a client that connects and says nothing.
constexpr auto patience = std::chrono::seconds(10);

weir::Task<weir::Result<void>> answer(weir::TcpStream stream) {
  weir::Result<weir::Chain> request = co_await weir::with_timeout(patience, stream.read());
  if (!request) co_return std::unexpected(request.error());
  std::printf("received %zu bytes: %s\n", request->size(), request->to_string().c_str());
  if (request->empty()) co_return weir::Result<void>();  // the client has left without a word

  const weir::Result<void> written = co_await stream.write("hi");
  if (!written) co_return written;
  // Waits for the client's end of the stream, so that no reset can overtake the answer.
  co_return co_await stream.close();
}

weir::Task<weir::Result<void>> serve_one(weir::Address address) {
  weir::Result<weir::TcpListener> listener =
      weir::TcpListener::bind(address, {.shards = weir::ListenOn::this_shard});
  if (!listener) co_return std::unexpected(listener.error());
  std::printf("READY %s\n", listener->address().to_string().c_str());
  std::fflush(stdout);

  weir::Result<weir::TcpStream> stream = co_await listener->accept();
  if (!stream) co_return std::unexpected(stream.error());
  co_return co_await answer(std::move(*stream));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string text = argc > 1 ? argv[1] : "127.0.0.1:7001";
  const weir::Result<weir::Address> address = weir::Address::parse(text);
  if (!address) {
    std::fprintf(stderr, "weir_tcp_basic_server: %s\n", weir::explain_address_error(text).c_str());
    return 2;
  }
  const weir::Result<void> served = weir::run({.shards = 1}, [&] { return serve_one(*address); });
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_tcp_basic_server: %s: %s\n", text.c_str(),
               served.error().message().c_str());
  return EXIT_FAILURE;
}
