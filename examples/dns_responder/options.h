// The command line of weir_dns_responder.
#pragma once

#include <expected>
#include <span>
#include <string>

#include "weir/weir.h"

namespace dns_responder {

inline constexpr const char* usage =
    "usage: weir_dns_responder --zone FILE [--listen ADDRESS] [--shards N] [--backend NAME]\n"
    "\n"
    "  --zone FILE       the zone to be authoritative for\n"
    "  --listen ADDRESS  host:port, TCP and UDP; port 0: any free one (127.0.0.1:5300)\n"
    "  --shards N        threads, 1 to 256 (1)\n"
    "  --backend NAME    auto, io_uring or epoll (auto)\n"
    "\n"
    "Prints \"READY ADDRESS\" once it answers.\n";

struct Options {
  std::string zone_file;
  weir::Address listen = weir::Address::loopback(5300);
  weir::RuntimeOptions runtime;
};

/// \param arguments  without the program's name
/// \returns  what is wrong with them, as a sentence without a full stop
[[nodiscard]] std::expected<Options, std::string> parse_options(std::span<char*> arguments);

}  // namespace dns_responder
