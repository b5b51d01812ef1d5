#include "tools/weir/load/cli/validate.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/common/placement.h"
#include "tools/weir/load/cli/validate_datagrams.h"

namespace weir::tools::load {
namespace {

// A connection costs a descriptor, and Linux allows a process about a million (fs.nr_open).
constexpr std::uint64_t connections_max = 1'000'000;
// Bounds what a run keeps in flight: more than this a connection would only queue in this process.
constexpr std::uint64_t depth_max = 65'536;
constexpr std::uint64_t message_bytes_max = 16 << 20;
constexpr std::uint64_t in_flight_bytes_max = 4ULL << 30;
constexpr std::chrono::nanoseconds duration_max = std::chrono::hours(24);
constexpr std::chrono::nanoseconds timeout_max = std::chrono::minutes(10);

constexpr const char* open_loop_absent =
    "{} asks for open-loop load, which this version cannot make; use --closed, which keeps "
    "--conns times --depth requests in flight";

Checked<void> check_stream_load(const RawFlags& flags) {
  const std::pair<const char*, const std::optional<std::string>*> open_loop[] = {
      {"--arrival", &flags.arrival},
      {"--steps", &flags.steps},
      {"--shape", &flags.shape},
      {"--replay", &flags.replay},
  };
  if (flags.rate) {
    return usage_error(
        "--rate asks for open-loop load, which this version makes of datagrams (udp://) only; use "
        "--closed, which keeps --conns times --depth requests in flight");
  }
  if (flags.lost_after || flags.one_way) {
    return usage_error(fmt::format("{} is for datagrams (udp://): a stream loses nothing",
                                   flags.lost_after ? "--lost-after" : "--one-way"));
  }
  for (const auto& [name, value] : open_loop) {
    if (*value) return usage_error(fmt::format(fmt::runtime(open_loop_absent), name));
  }
  if (!flags.closed) {
    return usage_error(
        "the kind of load is missing; add --closed (the next request waits for an answer)");
  }
  return {};
}

Checked<std::uint64_t> parse_message_bytes(std::string_view text) {
  auto bytes = parse_byte_size(text);
  if (bytes && (*bytes == 0 || *bytes > message_bytes_max)) {
    return usage_error(
        fmt::format("{} is out of range (1 B to {})", text, format_byte_size(message_bytes_max)));
  }
  return bytes;
}

Checked<std::chrono::nanoseconds> parse_limited(std::string_view text,
                                                std::chrono::nanoseconds max) {
  auto duration = parse_duration(text);
  if (!duration) return duration;
  if (duration->count() == 0) return usage_error("must be longer than 0");
  if (*duration > max) {
    return usage_error(fmt::format("{} is too long (at most {})", text, format_seconds(max)));
  }
  return duration;
}

Checked<ProgressChoice> parse_progress(std::string_view text) {
  if (text == "auto") return ProgressChoice::automatic;
  if (text == "plain") return ProgressChoice::plain;
  if (text == "none") return ProgressChoice::none;
  const std::vector<std::string> known = {"auto", "plain", "none"};
  return usage_error(fmt::format("there is no kind \"{}\"{}", text, suggest(text, known)));
}

Checked<std::optional<std::string>> parse_path(std::string_view text) {
  if (text.empty()) return usage_error("the file name is empty");
  return std::optional<std::string>(text);
}

/// The flags that are about the load itself.
bool check_load(const RawFlags& flags, Options& options, UsageError& error) {
  const auto connections = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = connections_max});
  };
  const auto depth = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = depth_max});
  };
  const auto duration = [](std::string_view text) { return parse_limited(text, duration_max); };
  const auto timeout = [](std::string_view text) { return parse_limited(text, timeout_max); };
  const auto message_bytes =
      options.target.transport == Transport::datagram ? parse_datagram_bytes : parse_message_bytes;
  return check_flag("--conns", flags.connections, connections, options.connections, error) &&
         check_flag("--depth", flags.depth, depth, options.depth, error) &&
         check_flag("--size", flags.size, message_bytes, options.message_bytes, error) &&
         check_flag("--duration", flags.duration, duration, options.duration, error) &&
         check_flag("--timeout", flags.timeout, timeout, options.timeout, error);
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  if (!flags.target) {
    return usage_error(
        "the target is missing; write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH");
  }
  auto target = parse_target(*flags.target);
  if (!target) return std::unexpected(target.error());
  Options options{.target = *std::move(target)};
  const bool is_datagram = options.target.transport == Transport::datagram;
  const auto kind = is_datagram ? check_datagram_load(flags) : check_stream_load(flags);
  if (!kind) return std::unexpected(kind.error());

  UsageError error;
  if (is_datagram && !parse_datagram_flags(flags, options, error)) return std::unexpected(error);
  if (!check_load(flags, options, error) ||
      !check_flag("--backend", flags.backend, parse_backend_choice, options.backend, error) ||
      !check_flag("--progress", flags.progress, parse_progress, options.progress, error) ||
      !check_flag("--output", flags.output, parse_path, options.output.json_path, error)) {
    return std::unexpected(error);
  }
  const auto placement = parse_placement(flags.shards, flags.cpus, /*default_shards=*/1);
  if (!placement) return std::unexpected(placement.error());
  options.shards = placement->shards;
  options.cpus = placement->cpus;

  const std::uint64_t in_flight_bytes =
      std::uint64_t{options.connections} * options.depth * options.message_bytes;
  if (in_flight_bytes > in_flight_bytes_max) {
    return usage_error(
        fmt::format("--conns {} x --depth {} x --size {} would keep {} in flight (at most {}); "
                    "lower one of them",
                    options.connections, options.depth,
                    format_byte_size(static_cast<double>(options.message_bytes)),
                    format_byte_size(static_cast<double>(in_flight_bytes)),
                    format_byte_size(static_cast<double>(in_flight_bytes_max))));
  }
  return options;
}

}  // namespace weir::tools::load
