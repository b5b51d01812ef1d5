#include "tools/weir/load/cli/validate_schedule.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/load/plan/rate.h"
#include "tools/weir/load/plan/rate_shape_text.h"
#include "tools/weir/load/plan/replay_trace.h"

namespace weir::tools::load {
namespace {

/// Safe by accident for whatever the target is.
constexpr RateRange rate_default = {.first = 1'000, .last = 1'000};
constexpr std::uint64_t queue_max_max = 100'000'000;

Checked<WhenBehind> parse_when_behind(std::string_view text) {
  if (text == "queue") return WhenBehind::queue;
  if (text == "drop") return WhenBehind::drop;
  const std::vector<std::string> known = {"queue", "drop"};
  return usage_error(fmt::format("\"{}\" is neither queue nor drop{}", text, suggest(text, known)));
}

Checked<std::uint64_t> parse_seed(std::string_view text) {
  return parse_count(text, {.min = 0, .max = UINT64_MAX});
}

/// What the closed loop has no use for, and the open one cannot do without; the first that is set.
Checked<void> check_kind(const RawFlags& flags) {
  const std::array<std::pair<const char*, bool>, 7> of_open_loop = {
      {{"--rate", flags.rate.has_value()},
       {"--steps", flags.steps.has_value()},
       {"--shape", flags.shape.has_value()},
       {"--replay", flags.replay.has_value()},
       {"--arrival", flags.arrival.has_value()},
       {"--on-behind", flags.on_behind.has_value()},
       {"--max-queue", flags.queue_max.has_value()}}};
  if (flags.closed) {
    for (const auto& [name, is_set] : of_open_loop) {
      if (!is_set) continue;
      return usage_error(fmt::format(
          "--closed and {} exclude each other: either answers decide when the next request leaves, "
          "or the clock",
          name));
    }
    return {};
  }
  if (flags.think) {
    return usage_error("--think needs --closed: otherwise the clock says when requests leave");
  }
  const int shapes = flags.rate.has_value() + flags.steps.has_value() + flags.shape.has_value() +
                     flags.replay.has_value();
  if (shapes > 1) {
    return usage_error(
        "--rate, --steps, --shape and --replay exclude each other: each says when requests are "
        "due");
  }
  if (flags.replay && flags.arrival) {
    return usage_error("--arrival makes no sense with --replay: the trace has times of its own");
  }
  return {};
}

std::unexpected<UsageError> refuse(const char* flag, const UsageError& error) {
  return usage_error(fmt::format("{}: {}", flag, error.message));
}

Checked<OpenLoad> read_trace(const std::string& path, Options& options, bool has_duration) {
  auto trace = ReplayTrace::open(path);
  if (!trace) return refuse("--replay", trace.error());
  const auto summary = survey_trace(*std::move(trace));
  if (!summary) return refuse("--replay", summary.error());
  const auto length = summary->last_time + std::chrono::nanoseconds(1);
  if (!has_duration) options.duration = length;
  const double seconds = std::max(std::chrono::duration<double>(length).count(), 1e-3);
  const double rate = std::clamp(static_cast<double>(summary->requests) / seconds,
                                 rate_min_per_second, rate_max_per_second);
  if (summary->requests_with_payload > 0) {
    if (options.target.transport == Transport::datagram) {
      return usage_error(
          "--replay: a load of datagrams has one size (--size); leave the sizes out of the trace");
    }
    options.message.trace_sizes =
        ByteRange{.min = summary->payload_bytes_min, .max = summary->payload_bytes_max};
  }
  return OpenLoad{.shape = RateShape({.first = rate, .last = rate}, options.duration),
                  .trace_path = path};
}

Checked<OpenLoad> read_shape(const RawFlags& flags, Options& options) {
  if (flags.replay) return read_trace(*flags.replay, options, flags.duration.has_value());
  if (flags.steps || flags.shape) {
    auto shape = flags.steps ? parse_rate_steps(*flags.steps) : load_rate_shape(*flags.shape);
    if (!shape) return refuse(flags.steps ? "--steps" : "--shape", shape.error());
    if (!flags.duration) options.duration = shape->duration();
    return OpenLoad{.shape = *std::move(shape)};
  }
  RateRange range = rate_default;
  if (flags.rate) {
    const auto parsed = parse_rate_range(*flags.rate);
    if (!parsed) return refuse("--rate", parsed.error());
    range = *parsed;
  }
  return OpenLoad{.shape = RateShape(range, options.duration)};
}

}  // namespace

Checked<void> apply_schedule(const RawFlags& flags, Options& options) {
  const auto kind = check_kind(flags);
  if (!kind) return kind;
  UsageError error;
  const auto queue = [](std::string_view text) {
    return parse_count(text, {.min = 1, .max = queue_max_max});
  };
  if (!check_flag("--seed", flags.seed, parse_seed, options.seed, error) ||
      !check_flag("--think", flags.think, parse_duration, options.think_time, error) ||
      !check_flag("--on-behind", flags.on_behind, parse_when_behind, options.when_behind, error) ||
      !check_flag("--max-queue", flags.queue_max, queue, options.queue_max, error)) {
    return std::unexpected(error);
  }
  if (flags.closed) return {};
  auto open = read_shape(flags, options);
  if (!open) return std::unexpected(open.error());
  if (!check_flag("--arrival", flags.arrival, parse_arrival, open->arrival, error)) {
    return std::unexpected(error);
  }
  const auto length = std::min(open->shape.duration(), options.duration);
  options.rate = open->shape.requests_by(length) / std::chrono::duration<double>(length).count();
  options.open = *std::move(open);
  return {};
}

}  // namespace weir::tools::load
