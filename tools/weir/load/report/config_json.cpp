#include "tools/weir/load/report/config_json.h"

#include <utility>
#include <variant>

#include <fmt/format.h>

#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/machine_json.h"
#include "tools/weir/load/report/option_words.h"
#include "tools/weir/load/report/optional_json.h"

namespace weir::tools::load {
namespace {

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
  config["replay"] = open.trace_path ? Json(*open.trace_path) : Json();
  config["pace"] = to_text(options.pace);
  config["on_behind"] = to_text(options.when_behind);
  config["queue_max"] = options.queue_max;
}

Json sockets_json(const Options& options) {
  const SocketChoice& sockets = options.sockets;
  Json sources = Json::array();
  for (const Address& source : options.sources) sources.push_back(source.to_string());
  return {{"nodelay", or_null(sockets.nodelay)},
          {"quickack", or_null(sockets.quickack)},
          {"cork", sockets.cork},
          {"send_buffer_bytes", or_null(sockets.send_buffer_bytes)},
          {"receive_buffer_bytes", or_null(sockets.receive_buffer_bytes)},
          {"sources", std::move(sources)}};
}

/// What only streams have.
void add_stream_options(const Options& options, Json& config) {
  const ChurnChoice& churn = options.churn;
  config["timeout_s"] = in_seconds(options.timeout);
  config["warm_up_s"] = options.warm_up ? Json(in_seconds(*options.warm_up)) : Json();
  config["codec"] = to_text(options.message.codec);
  config["expect"] = expectation_text(options);
  config["pattern"] = pattern_word(options.pattern, options.answers);
  config["think_s"] = in_seconds(options.think_time);
  config["idle_connections"] = options.idle_connections;
  if (churn.requests_per_connection) {
    config["requests_per_connection"] = *churn.requests_per_connection;
  }
  if (churn.lifetime) config["connection_lifetime_s"] = in_seconds(*churn.lifetime);
  if (churn.connects_per_second) config["connects_per_s"] = *churn.connects_per_second;
  config["sockets"] = sockets_json(options);
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
                 {"seed", options.seed},
                 {"stamps", options.samples_kernel ? "kernel" : "app"},
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
  Json json = {{"version", report.version_line},
               {"is_optimized", report.is_optimized},
               {"backend", to_string(report.backend)}};
  json.update(machine_json(report.machine));
  return json;
}

}  // namespace weir::tools::load
