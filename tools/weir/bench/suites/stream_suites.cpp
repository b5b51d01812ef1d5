#include "tools/weir/bench/suites/stream_suites.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/weir/bench/suites/gated_client.h"
#include "tools/weir/bench/suites/idle_load.h"
#include "tools/weir/bench/suites/load_client.h"

namespace weir::tools::bench {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

/// The default backend over the better raw loop; both over the raw loop of their own.
constexpr CaseTargets cpu_targets{.default_over_raw = 1.03,
                                  .own_over_raw = 1.05,
                                  .over_library = 1.0,
                                  .mean_over_library = 1 / 1.15};
constexpr CaseTargets stream_targets{
    .default_over_raw = 0.97, .own_over_raw = {}, .over_library = 1.0};
constexpr CaseTargets churn_targets{
    .default_over_raw = {}, .own_over_raw = {}, .over_library = 1.0};
constexpr CaseTargets latency_targets{
    .default_over_raw = 1.1, .own_over_raw = {}, .over_library = {}};

/// What a request is, and how many there are at once.
struct Shape {
  std::size_t bytes = 64;
  unsigned connections = 1;
  unsigned depth = 1;
  bool is_quick = false;  ///< of the quick form as well
};

std::string size_text(std::size_t bytes) {
  if (bytes >= mib && bytes % mib == 0) return fmt::format("{}MiB", bytes / mib);
  if (bytes >= kib && bytes % kib == 0) return fmt::format("{}KiB", bytes / kib);
  return fmt::format("{}B", bytes);
}

std::string plural_text(unsigned count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

bool is_wanted(const Shape& shape, Effort effort) {
  return shape.is_quick || effort == Effort::full;
}

std::vector<std::string> client_words(const Programs& programs, const char* mode,
                                      const Shape& shape) {
  std::vector<std::string> words = {programs.path("raw_client"),
                                    mode,
                                    "-c",
                                    std::to_string(shape.connections),
                                    "--size",
                                    std::to_string(shape.bytes),
                                    "--cpu",
                                    std::to_string(programs.cpus().client)};
  if (std::string_view(mode) == "echo") {
    words.insert(words.end(), {"--depth", std::to_string(shape.depth)});
  }
  return words;
}

CaseSpec echo_case(const Programs& programs, const Shape& shape) {
  return {.suite = "echo",
          .name = fmt::format("{}-c{}-d{}", size_text(shape.bytes), shape.connections, shape.depth),
          .title = fmt::format("{} B, {}, depth {}", shape.bytes,
                               plural_text(shape.connections, "connection"), shape.depth),
          .unit = "request",
          .contenders = programs.stream_servers({.word = "echo"}),
          .compared = {{.metric = SuiteMetric::cpu, .targets = cpu_targets},
                       {.metric = SuiteMetric::rate, .targets = {}}},
          .load = std::make_shared<GatedClientLoad>(
              GatedClient{.command = client_words(programs, "echo", shape)})};
}

/// Latency at 60 % of what the slowest of all can do.
CaseSpec latency_case(const Programs& programs) {
  constexpr unsigned connections = 64;
  return {
      .suite = "echo",
      .name = "latency-64B-c64",
      .title = fmt::format("64 B, {} connections, 60 % of the slowest peer's rate", connections),
      .unit = "request",
      .contenders = programs.stream_servers({.word = "echo"}),
      .compared = {{.metric = SuiteMetric::p999, .targets = latency_targets},
                   {.metric = SuiteMetric::p99, .targets = {}},
                   {.metric = SuiteMetric::p50, .targets = {}},
                   {.metric = SuiteMetric::cpu, .targets = {}}},
      .load = std::make_shared<LoadClient>(
          programs, LoadClient::Choice{.flags = {"-c", std::to_string(connections)},
                                       .share_of_slowest = 0.6,
                                       .duration_min = milliseconds(400)}),
      .wants_ordinary_priority = true};
}

}  // namespace

std::vector<CaseSpec> echo_cases(const Programs& programs, Effort effort) {
  std::vector<CaseSpec> cases;
  for (const Shape& shape : {
           Shape{.bytes = 64, .connections = 1, .is_quick = true},
           Shape{.bytes = 64, .connections = 64, .is_quick = true},
           Shape{.bytes = 64, .connections = 256, .depth = 16, .is_quick = true},
           Shape{.bytes = 16 * kib, .connections = 8, .is_quick = true},
           Shape{.bytes = 16, .connections = 64},
           Shape{.bytes = 64, .connections = 1, .depth = 16},
           Shape{.bytes = 64, .connections = 1000},
           Shape{.bytes = 64, .connections = 16'000},
           Shape{.bytes = 64, .connections = 64, .depth = 64},
           Shape{.bytes = kib, .connections = 64},
           Shape{.bytes = kib, .connections = 64, .depth = 16},
           Shape{.bytes = 4 * kib, .connections = 64},
           Shape{.bytes = 64 * kib, .connections = 8},
           Shape{.bytes = mib, .connections = 1},
       }) {
    if (is_wanted(shape, effort)) cases.push_back(echo_case(programs, shape));
  }
  cases.push_back(latency_case(programs));
  return cases;
}

std::vector<CaseSpec> framing_cases(const Programs& programs, Effort effort) {
  const std::vector<std::string> codec = {"--codec", "len32"};
  std::vector<CaseSpec> cases;
  for (const Shape& shape : {Shape{.bytes = 64, .connections = 64, .depth = 16, .is_quick = true},
                             Shape{.bytes = 64, .connections = 64, .is_quick = true},
                             Shape{.bytes = 16, .connections = 64, .depth = 64},
                             Shape{.bytes = kib, .connections = 64, .depth = 16},
                             Shape{.bytes = 16 * kib, .connections = 8, .depth = 4}}) {
    if (!is_wanted(shape, effort)) continue;
    CaseSpec spec = echo_case(programs, shape);
    spec.suite = "framing";
    spec.title = fmt::format("frames of {} B behind 4 B of length, {}, depth {}", shape.bytes,
                             plural_text(shape.connections, "connection"), shape.depth);
    spec.contenders = programs.stream_servers({.word = "echo", .flags = codec});
    if (shape.depth > 1 && programs.has("uv")) {
      // What a flush at the end of a turn saves: the same server, a write a frame.
      ContenderSpec each{.name = "uv_each", .role = Role::write_each, .backend = {}};
      for (const ContenderSpec& it : spec.contenders) {
        if (it.name == "uv") each.command = it.command;
      }
      each.command.emplace_back("--write-each");
      spec.contenders.push_back(std::move(each));
      spec.compared[1].targets.over_write_each = 2.0;
    }
    std::vector<std::string> words = client_words(programs, "echo", shape);
    words.insert(words.end(), codec.begin(), codec.end());
    spec.load = std::make_shared<GatedClientLoad>(GatedClient{.command = std::move(words)});
    cases.push_back(std::move(spec));
  }
  return cases;
}

std::vector<CaseSpec> stream_cases(const Programs& programs, Effort effort) {
  // A ring that fits the second-level cache: see bench/peers/README.md.
  const ServerJob job{.word = "discard",
                      .raw_uring_flags = {"--buffer-bytes", "262144", "--buffer-count", "2"}};
  std::vector<CaseSpec> cases;
  for (const Shape& shape :
       {Shape{.bytes = mib, .connections = 1, .is_quick = true},
        Shape{.bytes = mib, .connections = 8}, Shape{.bytes = 64 * kib, .connections = 1}}) {
    if (!is_wanted(shape, effort)) continue;
    cases.push_back(
        {.suite = "stream",
         .name = fmt::format("{}-c{}", size_text(shape.bytes), shape.connections),
         .title = fmt::format("writes of {} to discard, {}", size_text(shape.bytes),
                              plural_text(shape.connections, "connection")),
         .unit = "write",
         .contenders = programs.stream_servers(job),
         .compared = {{.metric = SuiteMetric::rate, .targets = stream_targets},
                      {.metric = SuiteMetric::cpu, .targets = {}},
                      {.metric = SuiteMetric::both_cpu, .targets = {}}},
         .load = std::make_shared<GatedClientLoad>(GatedClient{
             .command = client_words(programs, "stream", shape), .has_latency = false})});
  }
  return cases;
}

std::vector<CaseSpec> churn_cases(const Programs& programs, Effort effort) {
  std::vector<CaseSpec> cases;
  for (const Shape& shape : {Shape{.connections = 8, .is_quick = true}, Shape{.connections = 1},
                             Shape{.connections = 64}}) {
    if (!is_wanted(shape, effort)) continue;
    cases.push_back(
        {.suite = "churn",
         .name = fmt::format("64B-c{}", shape.connections),
         .title = fmt::format("connect, 64 B, close; {} at once",
                              plural_text(shape.connections, "connection")),
         .unit = "connection",
         .contenders = programs.stream_servers({.word = "echo"}),
         .compared = {{.metric = SuiteMetric::rate, .targets = churn_targets},
                      {.metric = SuiteMetric::cpu, .targets = {.over_library = 1.0}}},
         .load = std::make_shared<LoadClient>(
             // One address has 28 000 ports, spent in a second: each rests a minute (TIME-WAIT).
             programs,
             LoadClient::Choice{.flags = {"-c", std::to_string(shape.connections),
                                          "--reqs-per-conn", "1", "--source", "127.0.1.0/24"}})});
  }
  return cases;
}

std::vector<CaseSpec> idle_cases(const Programs& programs, Effort effort) {
  constexpr unsigned connections = 10'000;
  const bool is_full = effort == Effort::full;
  return {{.suite = "idle",
           .name = "c10000",
           .title = fmt::format("{} connections that echoed once", connections),
           .unit = "connection",
           .contenders = programs.stream_servers({.word = "echo"}),
           .compared = {{.metric = SuiteMetric::memory, .targets = {}}},
           .limits = {{.metric = SuiteMetric::memory, .limit = 1024},
                      {.metric = SuiteMetric::idle_cpu, .limit = 0},
                      {.metric = SuiteMetric::idle_calls, .limit = 0}},
           .load = std::make_shared<IdleLoad>(programs, connections,
                                              milliseconds(is_full ? 5000 : 500)),
           .rounds_max = is_full ? 3U : 1U,
           .is_fresh_each_round = true}};
}

std::vector<unsigned> shard_counts(unsigned processors) {
  std::vector<unsigned> counts;
  for (unsigned shards = 1; shards < processors; shards *= 2) counts.push_back(shards);
  counts.push_back(std::max(processors, 1U));
  return counts;
}

std::vector<int> shard_cpus(std::vector<int> allowed, int client) {
  if (std::erase(allowed, client) > 0) allowed.push_back(client);
  return allowed;
}

std::vector<CaseSpec> shards_cases(const Programs& programs, Effort /*effort*/) {
  const std::vector<int> cpus = shard_cpus(programs.cpus_allowed(), programs.cpus().client);
  CaseSpec spec{.suite = "shards",
                .name = "64B-c64-d16",
                .title =
                    "64 B, 64 connections, depth 16, on 1 shard and more, each on a processor "
                    "of its own; the last of all shares the load's",
                .unit = "request",
                .compared = {{.metric = SuiteMetric::rate, .targets = {}},
                             {.metric = SuiteMetric::cpu, .targets = {}}},
                .load = std::make_shared<LoadClient>(
                    programs, LoadClient::Choice{.flags = {"-c", "64", "--depth", "16"}})};
  for (const unsigned shards : shard_counts(static_cast<unsigned>(cpus.size()))) {
    // A server inherits the one processor of this process, unless it is given its own.
    const auto end = cpus.begin() + std::min<std::ptrdiff_t>(shards, std::ssize(cpus));
    std::vector<std::string> command = {
        programs.weir(),       "serve", "echo", "--listen", "127.0.0.1:0", "--shards",
        std::to_string(shards)};
    if (!cpus.empty()) {
      command.emplace_back("--cpus");
      command.push_back(fmt::format("{}", fmt::join(cpus.begin(), end, ",")));
    }
    // The first is what the others are held against.
    spec.contenders.push_back({.name = fmt::format("weir_x{}", shards),
                               .role = shards == 1 ? Role::raw : Role::weir,
                               .backend = {},
                               .command = std::move(command)});
  }
  return {std::move(spec)};
}

}  // namespace weir::tools::bench
