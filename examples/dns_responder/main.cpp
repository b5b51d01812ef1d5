// Answers for one zone, authoritatively: see options.h for the command line and example.zone for a
// zone. SIGTERM drains it.
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "options.h"
#include "responder.h"
#include "tcp_service.h"
#include "weir/weir.h"
#include "zone_file.h"

namespace {

using namespace dns_responder;
using weir::Result;

weir::Task<Result<weir::ServeStats>> serve(weir::Address address, const Responder* responder) {
  Result<weir::TcpListener> listener = weir::TcpListener::bind(address);
  if (!listener) co_return std::unexpected(listener.error());
  std::printf("READY %s\n", listener->address().to_string().c_str());
  std::fflush(stdout);
  weir::Task<Result<weir::ServeStats>> serving = serve_tcp(&*listener, responder);
  co_return co_await std::move(serving);
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
  const Result<weir::ServeStats> served =
      weir::run(options->runtime, [&] { return serve(options->listen, &responder); });
  if (served) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_dns_responder: %s: %s\n", options->listen.to_string().c_str(),
               served.error().message().c_str());
  return EXIT_FAILURE;
}
