#include "tools/weir/serve/validate.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/common/placement.h"

namespace weir::tools::serve {
namespace {

Checked<Service> parse_service(const std::optional<std::string>& text) {
  std::vector<std::string> known;
  for (const Service service : {Service::echo, Service::discard, Service::upper, Service::exec}) {
    if (text == to_text(service)) return service;
    known.emplace_back(to_text(service));
  }
  if (!text) return usage_error("the service is missing; write echo, discard, upper or exec");
  return usage_error(fmt::format("there is no service \"{}\"{}", *text, suggest(*text, known)));
}

Checked<PerConnection> parse_per_connection(std::string_view text) {
  if (text == "one") return PerConnection::one;
  if (text == "many") return PerConnection::many;
  return usage_error(fmt::format("\"{}\" is neither one nor many", text));
}

Checked<std::uint64_t> parse_connections(std::string_view text) {
  return parse_count(text, {.min = 1, .max = 10'000'000});
}

/// Whoever connects to exec may run something: few, and not for ever.
ServeOptions default_limits(Service service) {
  if (service != Service::exec) return {};
  return {.connections_max = 64, .idle_timeout = std::chrono::minutes(10)};
}

/// An address, also behind the scheme that the target of `weir load` has: they are copied back and
/// forth.
Checked<Address> parse_listen(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  if (const auto address = Address::parse(text)) return *address;
  return usage_error(explain_address_error(text));
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  const auto service = parse_service(flags.service);
  if (!service) return std::unexpected(service.error());
  Options options{.service = *service, .limits = default_limits(*service)};

  UsageError error;
  if (!flags.listen) {
    return usage_error(
        "where to listen is missing; add --listen ADDRESS, such as --listen "
        "127.0.0.1:9000");
  }
  if (!check_flag("--listen", flags.listen, parse_listen, options.listen, error) ||
      !check_flag("--codec", flags.codec, parse_wire_codec, options.codec, error) ||
      !check_flag("--per-connection", flags.per_connection, parse_per_connection,
                  options.per_connection, error) ||
      !check_flag("--connections", flags.connections, parse_connections,
                  options.limits.connections_max, error) ||
      !check_flag("--idle-timeout", flags.idle_timeout, parse_time_limit,
                  options.limits.idle_timeout, error) ||
      !check_flag("--backend", flags.backend, parse_backend_choice, options.backend, error)) {
    return std::unexpected(error);
  }
  if (flags.codec && options.service != Service::echo) {
    return usage_error(
        fmt::format("--codec is for echo; {} has a format of its own or none", *flags.service));
  }
  if (flags.per_connection && options.service != Service::upper) {
    return usage_error(
        fmt::format("--per-connection is for upper; {} goes on until the client ends",
                    to_text(options.service)));
  }
  const auto placement = parse_placement(flags.shards, flags.cpus, /*default_shards=*/1);
  if (!placement) return std::unexpected(placement.error());
  options.shards = placement->shards;
  options.cpus = placement->cpus;

  if (options.service != Service::exec) {
    if (flags.exec == exec::RawServiceFlags{}) return options;
    return usage_error(
        fmt::format("{} has no programs to run; the flags of the service exec, such "
                    "as --allow, are for exec",
                    *flags.service));
  }
  if (options.shards > 1) {
    return usage_error(
        "exec runs on one shard: its limits are for all connections together, and "
        "the work is the programs'; leave out --shards");
  }
  auto exec_options = exec::validate_service(flags.exec, options.listen);
  if (!exec_options) return std::unexpected(exec_options.error());
  options.exec = *std::move(exec_options);
  return options;
}

}  // namespace weir::tools::serve
