#include "tools/weir/serve/udp_flags.h"

#include <cstddef>
#include <cstdint>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/command_line.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"

namespace weir::tools::serve {
namespace {

/// The most a datagram carries: a number to steer by cannot be behind it.
constexpr std::uint64_t payload_bytes_max = 65527;

/// A socket's buffer is an int for the kernel, which doubles it.
constexpr std::uint64_t buffer_bytes_max = std::uint64_t{1} << 30;

Checked<Switch> parse_switch(std::string_view text) {
  if (text == "on") return Switch::on;
  if (text == "off") return Switch::off;
  return usage_error(fmt::format("\"{}\" is neither on nor off", text));
}

Checked<OverflowPolicy> parse_overflow(std::string_view text) {
  if (text == "pause") return OverflowPolicy::pause;
  if (text == "drop-newest") return OverflowPolicy::drop_newest;
  if (text == "drop-oldest") return OverflowPolicy::drop_oldest;
  const std::vector<std::string> known = {"pause", "drop-newest", "drop-oldest"};
  return usage_error(
      fmt::format("there is no policy \"{}\"{}", text, suggest(std::string(text), known)));
}

Checked<std::uint64_t> parse_buffer_size(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > buffer_bytes_max) {
    return usage_error(fmt::format("\"{}\" is out of range (1 to 1GiB)", text));
  }
  return *bytes;
}

/// The two numbers of `payload:OFFSET:BYTES`.
Checked<Steering> parse_payload_steering(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    return usage_error("payload needs an offset and a size, such as payload:4:4");
  }
  const auto offset = parse_count(text.substr(0, colon), {.min = 0, .max = payload_bytes_max - 1});
  if (!offset) return std::unexpected(offset.error());
  const auto bytes = parse_count(text.substr(colon + 1), {.min = 1, .max = 4});
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 3) return usage_error("a number to steer by has 1, 2 or 4 bytes, not 3");
  return Steering{.by = Steering::By::payload,
                  .offset = static_cast<std::uint32_t>(*offset),
                  .bytes = static_cast<std::uint32_t>(*bytes)};
}

}  // namespace

void add_udp_flags(CLI::App& command, RawUdpFlags& flags) {
  const std::string group = "Services over UDP";
  add_switch(command, {"--udp", "", group, "upper: answer datagrams"}, flags.is_udp);
  add_value(command,
            {"--gro", "on|off", group, "take what the kernel joined as trains of datagrams (on)"},
            flags.gro);
  add_value(command, {"--gso", "on|off", group, "send trains for the kernel to split (on)"},
            flags.gso);
  add_value(command,
            {"--steer", "HOW", group,
             "which shard gets a datagram: by flow, by cpu, or by a number in it, "
             "payload:OFFSET:BYTES (flow)"},
            flags.steer);
  add_value(command,
            {"--receive-buffer", "SIZE", group,
             "the socket's buffer, each shard (the system's: net.core.rmem_default)"},
            flags.receive_buffer);
  add_value(command,
            {"--overflow", "POLICY", group,
             "with a full queue: pause, drop-newest or drop-oldest (pause)"},
            flags.overflow);
  add_value(command, {"--queue-bytes", "SIZE", group, "the queue's bound, each shard (1MiB)"},
            flags.queue_bytes);
}

Checked<Steering> parse_steering(std::string_view text) {
  constexpr std::string_view payload = "payload";
  if (text == "flow") return Steering{.by = Steering::By::flow};
  if (text == "cpu") return Steering{.by = Steering::By::cpu};
  if (text == payload) return parse_payload_steering({});
  if (text.starts_with(payload) && text[payload.size()] == ':') {
    return parse_payload_steering(text.substr(payload.size() + 1));
  }
  const std::vector<std::string> known = {"flow", "cpu", "payload:OFFSET:BYTES"};
  return usage_error(
      fmt::format("nothing is steered by \"{}\"{}", text, suggest(std::string(text), known)));
}

Checked<UdpSettings> validate_udp(const RawUdpFlags& flags, const Address& listen) {
  UdpSettings settings;
  UdpOptions& socket = settings.socket;
  UsageError error;
  if (!check_flag("--gro", flags.gro, parse_switch, socket.receive_offload, error) ||
      !check_flag("--gso", flags.gso, parse_switch, socket.send_offload, error) ||
      !check_flag("--steer", flags.steer, parse_steering, settings.steering, error) ||
      !check_flag("--receive-buffer", flags.receive_buffer, parse_buffer_size,
                  socket.receive_buffer_bytes, error) ||
      !check_flag("--overflow", flags.overflow, parse_overflow, socket.overflow, error) ||
      !check_flag("--queue-bytes", flags.queue_bytes, parse_buffer_size, socket.receive_bytes_max,
                  error)) {
    return std::unexpected(error);
  }
  // On an unconnected socket the kernel would report the ICMP error that one peer caused to the
  // send that comes next, to another peer; and nobody here could do anything about it.
  socket.errors = Switch::off;
  if (listen.is_any()) {
    socket.receive_local = Switch::on;
    if (listen.family() == AddressFamily::ipv6) socket.dual_stack = Switch::on;
  }
  return settings;
}

}  // namespace weir::tools::serve
