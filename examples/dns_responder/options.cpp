#include "options.h"

#include <charconv>
#include <string_view>
#include <utility>

namespace dns_responder {
namespace {

using Problem = std::unexpected<std::string>;

/// \returns  the problem, empty if there is none
std::string set(Options& options, std::string_view flag, const std::string& value) {
  if (flag == "--zone") {
    options.zone_file = value;
  } else if (flag == "--listen") {
    const weir::Result<weir::Address> address = weir::Address::parse(value);
    if (!address) return "--listen " + value + ": " + weir::explain_address_error(value);
    if (!address->is_ip()) return "--listen " + value + ": DNS is spoken over IP";
    options.listen = *address;
  } else if (flag == "--shards") {
    const char* const text_end = value.data() + value.size();
    const auto [end, error] = std::from_chars(value.data(), text_end, options.runtime.shards);
    if (error != std::errc{} || end != text_end || options.runtime.shards < 1 ||
        options.runtime.shards > weir::Runtime::shards_max) {
      return "--shards " + value + ": want a number from 1 to 256";
    }
  } else if (flag == "--backend") {
    const weir::Result<weir::Backend> backend = weir::parse_backend(value);
    if (!backend) return "--backend " + value + ": want auto, io_uring or epoll";
    options.runtime.backend = *backend;
  } else {
    return "unknown flag " + std::string(flag);
  }
  return {};
}

}  // namespace

std::expected<Options, std::string> parse_options(std::span<char*> arguments) {
  Options options;
  for (; !arguments.empty(); arguments = arguments.subspan(2)) {
    if (arguments.size() < 2) return Problem(std::string(arguments[0]) + " wants a value");
    std::string problem = set(options, arguments[0], arguments[1]);
    if (!problem.empty()) return Problem(std::move(problem));
  }
  if (options.zone_file.empty()) return Problem("--zone is missing");
  return options;
}

}  // namespace dns_responder
