#include "tools/weir/load/report/config_from_json.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/cpu_list.h"
#include "tools/weir/load/plan/rate.h"
#include "tools/weir/load/report/json_fields.h"
#include "tools/weir/load/report/option_words.h"

namespace weir::tools::load {
namespace {

std::uint32_t narrow_count(const Json& json) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(count_of(json), UINT32_MAX));
}

std::vector<SloTerm> read_terms(const Json& texts) {
  std::vector<SloTerm> terms;
  for (const Json& text : texts) {
    auto read = parse_slo(text_of(text));
    if (read) std::move(read->begin(), read->end(), std::back_inserter(terms));
  }
  return terms;
}

/// The text only: a report connects to nothing, so names are not resolved.
Target target_of(const Json& json) {
  Target target;
  target.text = text_of(json);
  target.transport = target.text.starts_with("udp://") ? Transport::datagram : Transport::stream;
  return target;
}

template <typename T>
std::optional<T> count_if_given(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  return static_cast<T>(count_of(json));
}

std::optional<std::chrono::nanoseconds> seconds_if_given(const Json& json) {
  if (!json.is_number()) return std::nullopt;
  return seconds_of(json);
}

std::optional<bool> bool_if_given(const Json& json) {
  if (!json.is_boolean()) return std::nullopt;
  return bool_of(json);
}

/// All 64 bits of it, more than `count_of` lets through.
std::uint64_t seed_of(const Json& json) {
  return json.is_number_unsigned() ? json.get<std::uint64_t>() : count_of(json);
}

/// The average rate instead of the shape, if there is one that a shape may have.
RateShape level_shape(const Options& options) {
  const double rate =
      std::clamp(options.rate.value_or(0), rate_min_per_second, rate_max_per_second);
  const auto length =
      std::clamp(options.duration, std::chrono::nanoseconds(1), RateShape::duration_max);
  return RateShape({.first = rate, .last = rate}, length);
}

void read_schedule(const Json& config, Options& options) {
  if (const Json& rate = field(config, "rate"); rate.is_number()) options.rate = double_of(rate);
  const auto arrival = parse_arrival(text_of(field(config, "arrival")));
  if (!arrival) return;
  OpenLoad& open = options.open.emplace(level_shape(options), *arrival);
  if (const Json& path = field(config, "replay"); path.is_string()) {
    open.trace_path = text_of(path);
  }
  if (const auto pace = find_pace(text_of(field(config, "pace")))) options.pace = *pace;
  if (const auto behind = find_when_behind(text_of(field(config, "on_behind")))) {
    options.when_behind = *behind;
  }
  options.queue_max = count_of(field(config, "queue_max"));
}

void read_sockets(const Json& json, Options& options) {
  SocketChoice& sockets = options.sockets;
  sockets.nodelay = bool_if_given(field(json, "nodelay"));
  sockets.quickack = bool_if_given(field(json, "quickack"));
  sockets.cork = bool_of(field(json, "cork"));
  sockets.send_buffer_bytes = count_if_given<std::size_t>(field(json, "send_buffer_bytes"));
  sockets.receive_buffer_bytes = count_if_given<std::size_t>(field(json, "receive_buffer_bytes"));
  for (const Json& source : field(json, "sources")) {
    if (const auto address = Address::parse(text_of(source))) options.sources.push_back(*address);
  }
}

void read_stream_options(const Json& config, Options& options) {
  options.timeout = seconds_of(field(config, "timeout_s"));
  options.warm_up = seconds_if_given(field(config, "warm_up_s"));
  if (auto codec = parse_load_codec(text_of(field(config, "codec")))) {
    options.message.codec = *codec;
  }
  if (auto expectation = parse_expectation(text_of(field(config, "expect")))) {
    options.message.expectation = *std::move(expectation);
  }
  if (const auto pattern = find_pattern(text_of(field(config, "pattern")))) {
    options.pattern = *pattern;
  }
  options.think_time = seconds_of(field(config, "think_s"));
  options.idle_connections = narrow_count(field(config, "idle_connections"));
  ChurnChoice& churn = options.churn;
  churn.requests_per_connection =
      count_if_given<std::uint64_t>(field(config, "requests_per_connection"));
  churn.lifetime = seconds_if_given(field(config, "connection_lifetime_s"));
  if (const Json& rate = field(config, "connects_per_s"); rate.is_number()) {
    churn.connects_per_second = double_of(rate);
  }
  read_sockets(field(config, "sockets"), options);
}

}  // namespace

void read_config(const Json& config, LoadReport& report) {
  Options& options = report.options;
  for (const Json& word : field(config, "argv")) report.arguments.push_back(text_of(word));
  options.target = target_of(field(config, "target"));
  for (const Json& target : field(config, "more_targets")) {
    options.more_targets.push_back(target_of(target));
  }
  options.load_text = text_of(field(config, "load_text"));
  options.connections = narrow_count(field(config, "connections"));
  options.depth = narrow_count(field(config, "depth"));
  options.message_bytes = count_of(field(config, "message_bytes"));
  options.duration = seconds_of(field(config, "duration_s"));
  options.requests_max = count_if_given<std::uint64_t>(field(config, "requests_max"));
  options.lost_after = seconds_of(field(config, "lost_after_s"));
  options.shards = narrow_count(field(config, "shards"));
  if (auto cpus = parse_cpu_list(text_of(field(config, "cpus")))) options.cpus = *std::move(cpus);
  if (auto backend = parse_backend_choice(text_of(field(config, "backend")))) {
    options.backend = *backend;
  }
  options.seed = seed_of(field(config, "seed"));
  options.samples_kernel = text_of(field(config, "stamps")) == "kernel";
  options.answers = text_of(field(config, "answers")) == "none" ? Answers::none : Answers::echo;
  options.slo = read_terms(field(config, "slo"));
  options.abort_on = read_terms(field(config, "abort_on"));
  options.is_strict = bool_of(field(config, "strict"));
  read_schedule(config, options);
  read_stream_options(config, options);
}

void read_environment(const Json& environment, LoadReport& report) {
  Machine& machine = report.machine;
  report.version_line = text_of(field(environment, "version"));
  report.is_optimized = bool_of(field(environment, "is_optimized"));
  if (auto backend = parse_backend_choice(text_of(field(environment, "backend")))) {
    report.backend = *backend;
  }
  machine.kernel_release = text_of(field(environment, "kernel_release"));
  machine.cpu_model = text_of(field(environment, "cpu_model"));
  machine.cpus_online = narrow_count(field(environment, "cpus_online"));
  machine.cpus_allowed = narrow_count(field(environment, "cpus_allowed"));
  machine.is_virtual = bool_of(field(environment, "is_virtual"));
  machine.governor = text_of(field(environment, "governor"));
  machine.clock_source = text_of(field(environment, "clock_source"));
  machine.congestion_control = text_of(field(environment, "congestion_control"));
  machine.huge_pages = text_of(field(environment, "transparent_huge_pages"));
  machine.load_average = text_of(field(environment, "load_average"));
}

}  // namespace weir::tools::load
