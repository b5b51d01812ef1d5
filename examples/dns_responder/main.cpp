// Answers for one zone, authoritatively: see options.h for the command line and example.zone for a
// zone. SIGTERM drains it.
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "options.h"
#include "responder.h"
#include "tcp_service.h"
#include "udp_service.h"
#include "weir/weir.h"
#include "zone_file.h"

namespace {

using namespace dns_responder;
using weir::Result;

/// Both transports on one port.
struct Sockets {
  weir::TcpListener tcp;
  weir::UdpServer udp;
};

/// A port that is free for TCP may be taken for UDP: then another is tried, if any will do.
Result<Sockets> bind(const weir::Address& address) {
  constexpr int tries_max = 16;
  for (int tries = 1;; ++tries) {
    Result<weir::TcpListener> tcp = weir::TcpListener::bind(address);
    if (!tcp) return std::unexpected(tcp.error());
    Result<weir::UdpServer> udp = bind_udp(tcp->address());
    if (udp) return Sockets{.tcp = std::move(*tcp), .udp = std::move(*udp)};
    const bool is_taken = udp.error() == std::errc::address_in_use;
    if (!is_taken || address.port() != 0 || tries == tries_max) return std::unexpected(udp.error());
  }
}

/// One transport that fails ends the other.
template <typename T>
weir::Task<Result<void>> run_in(weir::Scope* scope, weir::Task<Result<T>> service) {
  const Result<T> ended = co_await std::move(service);
  if (ended) co_return Result<void>();
  scope->cancel(ended.error());
  co_return std::unexpected(ended.error());
}

weir::Task<Result<void>> serve(weir::Address address, const Responder* responder) {
  Result<Sockets> sockets = bind(address);
  if (!sockets) co_return std::unexpected(sockets.error());
  std::printf("READY %s\n", sockets->tcp.address().to_string().c_str());
  std::fflush(stdout);
  weir::Scope scope;
  scope.spawn(run_in(&scope, serve_tcp(&sockets->tcp, responder)));
  scope.spawn(run_in(&scope, serve_udp(&sockets->udp, responder)));
  co_return co_await scope.join();
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  if (arguments.size() == 1 && std::string_view(arguments[0]) == "--help") {
    std::fputs(usage, stdout);
    return EXIT_SUCCESS;
  }
  const auto options = parse_options(arguments);
  if (!options) {
    std::fprintf(stderr, "weir_dns_responder: %s\n%s", options.error().c_str(), usage);
    return 2;
  }
  const ZoneFileResult zone = load_zone_file(options->zone_file);
  if (!zone) {
    std::fprintf(stderr, "weir_dns_responder: %s\n", zone.error().to_string().c_str());
    return EXIT_FAILURE;
  }
  const Responder responder(**zone);
  const Result<void> served =
      weir::run(options->runtime, [&] { return serve(options->listen, &responder); });
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_dns_responder: %s: %s\n", options->listen.to_string().c_str(),
               served.error().message().c_str());
  return EXIT_FAILURE;
}
