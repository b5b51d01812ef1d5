// Sends back what comes, on port 7000 of all addresses. SIGTERM drains it.
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <utility>

#include "weir/weir.h"

namespace {

weir::Task<weir::Result<void>> echo(weir::TcpStream stream) {
  for (;;) {
    weir::Result<weir::Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return weir::Result<void>();
    const weir::Result<void> written = co_await stream.write(std::move(*bytes));
    if (!written) co_return written;
  }
}

weir::Task<weir::Result<weir::ServeStats>> serve() {
  weir::Result<weir::TcpListener> listener = weir::TcpListener::bind(weir::Address::any(7000));
  if (!listener) co_return std::unexpected(listener.error());
  co_return co_await listener->serve(echo);
}

}  // namespace

int main() {
  const weir::Result<weir::ServeStats> served = weir::run({}, serve);
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_echo: %s\n", served.error().message().c_str());
  return EXIT_FAILURE;
}
