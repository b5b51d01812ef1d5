#include "tools/weir/load/report/config_json.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/cpu_list.h"
#include "tools/weir/load/report/json_fields.h"

namespace weir::tools::load {
namespace {

double in_seconds(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>(duration).count();
}

std::string expectation_text(const Options& options) {
  const Expectation expectation = options.message.expectation
                                      ? *options.message.expectation
                                      : effective_expectation(options.message);
  if (const auto* bytes = std::get_if<ExpectBytes>(&expectation)) {
    return fmt::format("bytes:{}", bytes->count);
  }
  if (const auto* regex = std::get_if<ExpectRegex>(&expectation)) return "regex:" + regex->text;
  return std::holds_alternative<ExpectNone>(expectation) ? "none" : "echo";
}

std::string_view pace_text(Pace pace) noexcept {
  switch (pace) {
    case Pace::sleep:
      return "sleep";
    case Pace::hybrid:
      return "hybrid";
    case Pace::spin:
      return "spin";
  }
  return {};
}

std::string_view pattern_text(WritePattern pattern) noexcept {
  switch (pattern) {
    case WritePattern::whole:
      return "w";
    case WritePattern::two_then_read:
      return "wwr";
    case WritePattern::two:
      return "ww";
  }
  return {};
}

Json terms_json(const std::vector<SloTerm>& terms) {
  Json texts = Json::array();
  for (const SloTerm& term : terms) texts.push_back(term.text);
  return texts;
}

void add_schedule(const Options& options, Json& config) {
  if (options.rate) config["rate"] = *options.rate;
  if (!options.open) return;
  const OpenLoad& open = *options.open;
  config["arrival"] = to_string(open.arrival);
  config["seed"] = options.seed;
  config["replay"] = open.trace_path ? Json(*open.trace_path) : Json();
  config["pace"] = pace_text(options.pace);
  config["on_behind"] = options.when_behind == WhenBehind::queue ? "queue" : "drop";
  config["queue_max"] = options.queue_max;
}

/// What only streams have.
void add_stream_options(const Options& options, Json& config) {
  const ChurnChoice& churn = options.churn;
  config["timeout_s"] = in_seconds(options.timeout);
  config["codec"] = to_text(options.message.codec);
  config["expect"] = expectation_text(options);
  config["pattern"] = pattern_text(options.pattern);
  config["think_s"] = in_seconds(options.think_time);
  config["idle_connections"] = options.idle_connections;
  if (churn.requests_per_connection) {
    config["requests_per_connection"] = *churn.requests_per_connection;
  }
  if (churn.lifetime) config["connection_lifetime_s"] = in_seconds(*churn.lifetime);
  if (churn.connects_per_second) config["connects_per_s"] = *churn.connects_per_second;
}

}  // namespace

Json config_json(const LoadReport& report) {
  const Options& options = report.options;
  Json config = {{"argv", report.arguments},
                 {"target", options.target.text},
                 {"load", options.rate ? "rate" : "closed"},
                 {"load_text", options.load_text},
                 {"connections", options.connections},
                 {"depth", options.depth},
                 {"message_bytes", options.message_bytes},
                 {"duration_s", in_seconds(options.duration)},
                 {"shards", options.shards},
                 {"cpus", format_cpu_list(options.cpus)},
                 {"backend", to_string(options.backend)},
                 {"answers", options.answers == Answers::echo ? "echo" : "none"},
                 {"slo", terms_json(options.slo)},
                 {"abort_on", terms_json(options.abort_on)},
                 {"strict", options.is_strict}};
  for (const Target& target : options.more_targets) config["more_targets"].push_back(target.text);
  if (options.requests_max) config["requests_max"] = *options.requests_max;
  add_schedule(options, config);
  if (report.datagrams) {
    config["rate"] = options.rate ? Json(*options.rate) : Json();
    config["lost_after_s"] = in_seconds(options.lost_after);
  } else {
    add_stream_options(options, config);
  }
  return config;
}

Json environment_json(const LoadReport& report) {
  const Machine& machine = report.machine;
  return {{"version", report.version_line},
          {"is_optimized", report.is_optimized},
          {"backend", to_string(report.backend)},
          {"kernel_release", machine.kernel_release},
          {"cpu_model", machine.cpu_model},
          {"cpus_online", machine.cpus_online},
          {"cpus_allowed", machine.cpus_allowed},
          {"is_virtual", machine.is_virtual},
          {"governor", machine.governor},
          {"clock_source", machine.clock_source},
          {"congestion_control", machine.congestion_control},
          {"transparent_huge_pages", machine.huge_pages},
          {"load_average", machine.load_average}};
}

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
Target read_target(const Json& json) {
  Target target;
  target.text = text_of(json);
  target.transport = target.text.starts_with("udp://") ? Transport::datagram : Transport::stream;
  return target;
}

}  // namespace

void read_config(const Json& config, LoadReport& report) {
  Options& options = report.options;
  for (const Json& word : field(config, "argv")) report.arguments.push_back(text_of(word));
  options.target = read_target(field(config, "target"));
  for (const Json& target : field(config, "more_targets")) {
    options.more_targets.push_back(read_target(target));
  }
  if (const Json& rate = field(config, "rate"); rate.is_number()) options.rate = double_of(rate);
  options.load_text = text_of(field(config, "load_text"));
  options.connections = narrow_count(field(config, "connections"));
  options.depth = narrow_count(field(config, "depth"));
  options.message_bytes = count_of(field(config, "message_bytes"));
  options.duration = seconds_of(field(config, "duration_s"));
  options.timeout = seconds_of(field(config, "timeout_s"));
  options.lost_after = seconds_of(field(config, "lost_after_s"));
  options.think_time = seconds_of(field(config, "think_s"));
  options.shards = narrow_count(field(config, "shards"));
  if (auto cpus = parse_cpu_list(text_of(field(config, "cpus")))) options.cpus = *std::move(cpus);
  if (auto backend = parse_backend_choice(text_of(field(config, "backend")))) {
    options.backend = *backend;
  }
  options.answers = text_of(field(config, "answers")) == "none" ? Answers::none : Answers::echo;
  options.slo = read_terms(field(config, "slo"));
  options.abort_on = read_terms(field(config, "abort_on"));
  options.is_strict = bool_of(field(config, "strict"));
  options.seed = count_of(field(config, "seed"));
  options.idle_connections = narrow_count(field(config, "idle_connections"));
  if (const Json& most = field(config, "requests_max"); most.is_number()) {
    options.requests_max = count_of(most);
  }
  if (auto codec = parse_load_codec(text_of(field(config, "codec")))) {
    options.message.codec = *codec;
  }
  if (auto expectation = parse_expectation(text_of(field(config, "expect")))) {
    options.message.expectation = *std::move(expectation);
  }
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
