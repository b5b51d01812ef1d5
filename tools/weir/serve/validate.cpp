#include "tools/weir/serve/validate.h"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
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
  for (const Service service :
       {Service::echo, Service::discard, Service::upper, Service::exec, Service::stall,
        Service::work, Service::udp_echo, Service::udp_sink}) {
    if (text == to_text(service)) return service;
    known.emplace_back(to_text(service));
  }
  if (!text)
    return usage_error(
        "the service is missing; write echo, discard, upper, exec, stall, work, udp-echo or "
        "udp-sink");
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

Checked<std::optional<Duration>> parse_spin(std::string_view text) {
  constexpr std::chrono::seconds longest(1);
  if (text == "auto") return std::nullopt;
  const auto spin = parse_duration(text);
  if (!spin) return std::unexpected(spin.error());
  if (*spin > longest) {
    return usage_error(fmt::format("\"{}\" is out of range; at most 1s, or auto", text));
  }
  return *spin;
}

/// Whoever connects to exec may run something: few, and not for ever.
ServeOptions default_limits(Service service) {
  if (service != Service::exec) return {};
  return {.connections_max = 64, .idle_timeout = std::chrono::minutes(10)};
}

Checked<Transport> choose_transport(Service service, const RawUdpFlags& flags) {
  const bool is_datagram_service = service == Service::udp_echo || service == Service::udp_sink;
  if (!flags.is_udp) return is_datagram_service ? Transport::datagram : Transport::stream;
  switch (service) {
    case Service::upper:
      return Transport::datagram;
    case Service::echo:
      return usage_error("--udp is for upper; echo over UDP is the service udp-echo");
    case Service::discard:
      return usage_error("--udp is for upper; discard over UDP is the service udp-sink");
    case Service::exec:
    case Service::stall:
    case Service::work:
      return usage_error(fmt::format("--udp is for upper; {} needs connections", to_text(service)));
    case Service::udp_echo:
    case Service::udp_sink:
      break;
  }
  return usage_error(fmt::format("--udp is for upper; {} speaks UDP without it", to_text(service)));
}

/// An address, also behind the scheme that the target of `weir load` has: they are copied back and
/// forth.
Checked<Address> parse_listen(std::string_view text, Transport transport) {
  const bool is_datagram = transport == Transport::datagram;
  const std::string_view scheme = is_datagram ? "udp://" : "tcp://";
  const std::string_view other_scheme = is_datagram ? "tcp://" : "udp://";
  if (text.starts_with(other_scheme)) {
    return usage_error(fmt::format("\"{}\" is no address for a service over {}", text,
                                   is_datagram ? "UDP" : "TCP"));
  }
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  const auto address = Address::parse(text);
  if (!address) return usage_error(explain_address_error(text));
  if (is_datagram && address->is_unix()) {
    return usage_error(
        fmt::format("\"{}\" is a Unix socket, and this service speaks UDP; write host:port, such "
                    "as 127.0.0.1:9000",
                    text));
  }
  return *address;
}

/// The same as below for the flags of stall and work.
std::string find_misplaced_known_answer_flag(const RawFlags& flags, Service service) {
  if (service != Service::stall && flags.stall != RawStallFlags{}) {
    return fmt::format("--every and --for are for stall; {} does not stall", to_text(service));
  }
  if (service != Service::work && flags.work != RawWorkFlags{}) {
    return fmt::format("--service-time, --seed and --message-bytes are for work; {} has no worker",
                       to_text(service));
  }
  if (flags.idle_timeout && (service == Service::stall || service == Service::work)) {
    return fmt::format("--idle-timeout is not for {}, whose clients have to wait",
                       to_text(service));
  }
  return {};
}

/// The first flag that means nothing to the service, as a sentence; empty if there is none.
std::string find_misplaced_flag(const RawFlags& flags, const Options& options) {
  const std::string_view service = to_text(options.service);
  if (flags.codec && options.service != Service::echo) {
    return fmt::format("--codec is for echo; {} has a format of its own or none", service);
  }
  if (flags.per_connection && options.service != Service::upper) {
    return fmt::format("--per-connection is for upper; {} goes on until the client ends", service);
  }
  if (options.transport == Transport::datagram) {
    if (flags.per_connection || flags.connections || flags.idle_timeout) {
      return "--per-connection, --connections and --idle-timeout are for connections, which UDP "
             "does not have";
    }
  } else if (flags.udp != RawUdpFlags{}) {
    return fmt::format(
        "{} does not speak UDP; --gro, --gso, --steer, --receive-buffer, --overflow and "
        "--queue-bytes are for udp-echo, udp-sink and upper --udp",
        service);
  }
  if (options.service != Service::exec && flags.exec != exec::RawServiceFlags{}) {
    return fmt::format(
        "{} has no programs to run; the flags of the service exec, such "
        "as --allow, are for exec",
        service);
  }
  return find_misplaced_known_answer_flag(flags, options.service);
}

Checked<Options> with_udp_settings(Options options, const RawUdpFlags& flags) {
  const auto settings = validate_udp(flags, options.listen);
  if (!settings) return std::unexpected(settings.error());
  options.udp = settings->socket;
  options.steering = settings->steering;
  return options;
}

Checked<Options> with_exec_settings(Options options, const exec::RawServiceFlags& flags) {
  if (options.shards > 1) {
    return usage_error(
        "exec runs on one shard: its limits are for all connections together, and "
        "the work is the programs'; leave out --shards");
  }
  auto settings = exec::validate_service(flags, options.listen);
  if (!settings) return std::unexpected(settings.error());
  options.exec = *std::move(settings);
  return options;
}

Checked<Options> with_stall_settings(Options options, const RawStallFlags& flags) {
  const auto settings = validate_stall(flags);
  if (!settings) return std::unexpected(settings.error());
  options.stall = *settings;
  return options;
}

Checked<Options> with_work_settings(Options options, const RawWorkFlags& flags) {
  if (options.shards > 1) {
    return usage_error("work is one worker with one queue, on one shard; leave out --shards");
  }
  const auto settings = validate_work(flags);
  if (!settings) return std::unexpected(settings.error());
  options.work = *settings;
  return options;
}

Checked<Options> with_service_settings(Options options, const RawFlags& flags) {
  if (options.transport == Transport::datagram) return with_udp_settings(options, flags.udp);
  switch (options.service) {
    case Service::exec:
      return with_exec_settings(options, flags.exec);
    case Service::stall:
      return with_stall_settings(options, flags.stall);
    case Service::work:
      return with_work_settings(options, flags.work);
    case Service::echo:
    case Service::discard:
    case Service::upper:
    case Service::udp_echo:
    case Service::udp_sink:
      break;
  }
  return options;
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  const auto service = parse_service(flags.service);
  if (!service) return std::unexpected(service.error());
  const auto transport = choose_transport(*service, flags.udp);
  if (!transport) return std::unexpected(transport.error());
  Options options{.service = *service, .limits = default_limits(*service), .transport = *transport};

  UsageError error;
  if (!flags.listen) {
    return usage_error(
        "where to listen is missing; add --listen ADDRESS, such as --listen "
        "127.0.0.1:9000");
  }
  const auto parse_address = [&](std::string_view text) { return parse_listen(text, *transport); };
  if (!check_flag("--listen", flags.listen, parse_address, options.listen, error) ||
      !check_flag("--codec", flags.codec, parse_wire_codec, options.codec, error) ||
      !check_flag("--per-connection", flags.per_connection, parse_per_connection,
                  options.per_connection, error) ||
      !check_flag("--connections", flags.connections, parse_connections,
                  options.limits.connections_max, error) ||
      !check_flag("--idle-timeout", flags.idle_timeout, parse_time_limit,
                  options.limits.idle_timeout, error) ||
      !check_flag("--backend", flags.backend, parse_backend_choice, options.backend, error) ||
      !check_flag("--spin", flags.spin, parse_spin, options.spin, error)) {
    return std::unexpected(error);
  }
  if (std::string misplaced = find_misplaced_flag(flags, options); !misplaced.empty()) {
    return usage_error(std::move(misplaced));
  }
  const auto placement = parse_placement(flags.shards, flags.cpus, /*default_shards=*/1);
  if (!placement) return std::unexpected(placement.error());
  options.shards = placement->shards;
  options.cpus = placement->cpus;

  return with_service_settings(options, flags);
}

}  // namespace weir::tools::serve
