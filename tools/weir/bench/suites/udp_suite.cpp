#include "tools/weir/bench/suites/udp_suite.h"

#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/bench/suites/client_latency.h"
#include "tools/weir/bench/suites/gated_client.h"
#include "tools/weir/common/system_files.h"

namespace weir::tools::bench {
namespace {

constexpr unsigned train_datagrams = 54;  // of 1200 B: the most that fit into 64 KiB
/// Of an echo's datagrams: with more, client and server have counted different things.
constexpr double lost_share_max = 0.001;

/// What the kernel dropped at the sockets of a port because they were full: the last column of
/// /proc/net/udp. Where UDP_GRO is on a train counts as one, however long it is.
double dropped_at(std::string_view address) {
  const auto port = parse_number(address.substr(address.rfind(':') + 1));
  const auto text = SystemFiles().read("proc/net/udp");
  if (!port || !text) return 0;
  const std::string wanted = fmt::format(":{:04X} ", *port);
  double dropped = 0;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    const std::size_t local = line.find(':', line.find(':') + 1);  // behind the socket's number
    if (local == std::string_view::npos || !line.substr(local).starts_with(wanted)) continue;
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    dropped += static_cast<double>(parse_number(line.substr(line.rfind(' ') + 1)).value_or(0));
  }
  return dropped;
}

/// An echo loses next to nothing; what it lost is told.
class DatagramEcho : public CaseLoad {
 public:
  explicit DatagramEcho(std::vector<std::string> command) : command_(std::move(command)) {}

  CellOr run(RunningContender& server, std::chrono::milliseconds duration,
             CellObserver& observer) override {
    std::vector<std::string> command = command_;
    command.insert(command.end(),
                   {"--connect", server.address(), "--gated", "--warmup", "0.1", "--duration",
                    fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e3)});
    const auto result = run_gated(command, server.pid(), duration, observer);
    if (!result) return std::unexpected(result.error());
    Cell cell;
    cell.units = result->value("requests", 0.0);
    if (cell.units <= 0) return std::unexpected("not one datagram came back");
    const double lost = result->value("lost", 0.0);
    if (lost > lost_share_max * cell.units) {
      cell.note = fmt::format("{:.0f} of {:.0f} lost", lost, result->value("issued", 0.0));
    }
    cell.values = {{SuiteMetric::client_cpu, result->value("client_cpu_ns", 0.0) / cell.units},
                   {SuiteMetric::rate, result->value("requests_per_second", 0.0)},
                   {SuiteMetric::p50, result->value("p50_us", 0.0)},
                   {SuiteMetric::p99, result->value("p99_us", 0.0)}};
    auto latency = client_latency(*result);
    if (!latency) return std::unexpected(latency.error());
    cell.latency = *std::move(latency);
    return cell;
  }

 private:
  std::vector<std::string> command_;
};

/// As fast as it goes: what a server handled is what was sent less what the kernel dropped.
class DatagramBlast : public CaseLoad {
 public:
  explicit DatagramBlast(std::vector<std::string> command) : command_(std::move(command)) {}

  CellOr run(RunningContender& server, std::chrono::milliseconds duration,
             CellObserver& observer) override {
    std::vector<std::string> command = command_;
    command.insert(command.end(),
                   {"--connect", server.address(), "--gated", "--warmup", "0.05", "--duration",
                    fmt::format("{:.3f}", static_cast<double>(duration.count()) / 1e3)});
    DropObserver drops(observer, server.address());
    const auto result = run_gated(command, server.pid(), duration, drops);
    if (!result) return std::unexpected(result.error());
    const double sent = result->value("requests", 0.0);
    const double dropped = drops.dropped() * train_datagrams;
    Cell cell;
    cell.units = sent - dropped;
    if (cell.units <= 0) return std::unexpected("all datagrams were dropped at its socket");
    const double seconds = result->value("seconds", 0.0);
    cell.values = {{SuiteMetric::rate, seconds > 0 ? cell.units / seconds : 0}};
    return cell;
  }

 private:
  class DropObserver : public CellObserver {
   public:
    DropObserver(CellObserver& inner, std::string address)
        : inner_(inner), address_(std::move(address)) {}
    void begin(pid_t server) override {
      inner_.begin(server);
      before_ = dropped_at(address_);
    }
    void end(pid_t server) override {
      inner_.end(server);
      dropped_ = dropped_at(address_) - before_;
    }
    [[nodiscard]] double dropped() const noexcept { return dropped_; }

   private:
    CellObserver& inner_;
    std::string address_;
    double before_ = 0;
    double dropped_ = 0;
  };

  std::vector<std::string> command_;
};

struct RawLoop {
  const char* name;
  Role role;
  const char* backend;
  std::vector<std::string> flags;
};

/// weir, raw loops and libraries for one job.
std::vector<ContenderSpec> datagram_servers(const Programs& programs, const char* job,
                                            const std::vector<std::string>& weir_flags,
                                            const std::vector<RawLoop>& loops) {
  const std::string cpu = std::to_string(programs.cpus().server);
  std::vector<std::string> service = {"serve", fmt::format("udp-{}", job), "--listen",
                                      "127.0.0.1:0", "--shards", "1", "--cpus", cpu,
                                      // As the peers have it: see bench/peers/udp_process.h.
                                      "--receive-buffer", "4MiB"};
  service.insert(service.end(), weir_flags.begin(), weir_flags.end());
  std::vector<ContenderSpec> found = programs.weirs(service);
  for (const RawLoop& loop : loops) {
    std::vector<std::string> words = {programs.path("raw_udp"), job, "--cpu", cpu, "--variant"};
    words.insert(words.end(), loop.flags.begin(), loop.flags.end());
    found.push_back({.name = loop.name,
                     .role = loop.role,
                     .backend = loop.backend,
                     .command = std::move(words)});
  }
  for (const char* library : {"asio_udp", "uv_udp"}) {
    if (!programs.has(library)) continue;
    found.push_back({.name = library,
                     .role = Role::library,
                     .backend = {},
                     .command = {programs.path(library), job, "--cpu", cpu}});
  }
  return found;
}

CaseSpec echo_case(const Programs& programs, unsigned bytes, unsigned peers, unsigned depth) {
  return {.suite = "udp",
          .name = fmt::format("echo-{}B-p{}-d{}", bytes, peers, depth),
          .title = fmt::format("{} B, {} peer{}, depth {}, one by one", bytes, peers,
                               peers == 1 ? "" : "s", depth),
          .unit = "datagram",
          .contenders = datagram_servers(
              programs, "echo", {"--gro", "off", "--gso", "off"},
              {{"raw_mmsg", Role::raw, "epoll", {"mmsg"}},
               {"raw_uring", Role::raw, "io_uring", {"uring"}},
               {"raw_recvfrom", Role::floor, "", {"recvfrom"}},
               {"raw_mmsg_blocking", Role::floor, "", {"mmsg", "--wait", "blocking"}}}),
          .compared = {{.metric = SuiteMetric::cpu,
                        .targets = {.default_over_raw = 1.05,
                                    .own_over_raw = 1.05,
                                    .over_library = 1 / 1.1}},
                       {.metric = SuiteMetric::rate, .targets = {}}},
          .load = std::make_shared<DatagramEcho>(std::vector<std::string>{
              programs.path("raw_udp_client"), "echo", "--size", std::to_string(bytes), "-c",
              std::to_string(peers), "--depth", std::to_string(depth), "--cpu",
              std::to_string(programs.cpus().client)})};
}

CaseSpec trains_case(const Programs& programs) {
  return {
      .suite = "udp",
      .name = "trains-1200B",
      .title =
          fmt::format("trains of {} times 1200 B, echoed as trains, 2 in flight", train_datagrams),
      .unit = "datagram",
      .contenders = datagram_servers(programs, "echo", {"--gro", "on"},
                                     {{"raw_gso", Role::raw, "epoll", {"gso"}},
                                      {"raw_uring_gso", Role::floor, "", {"uring", "--offload"}}}),
      .compared =
          {{.metric = SuiteMetric::cpu,
            .targets = {.default_over_raw = 1.10, .own_over_raw = 1.10, .over_library = 1.0 / 8}},
           {.metric = SuiteMetric::rate, .targets = {}}},
      .load = std::make_shared<DatagramEcho>(std::vector<std::string>{
          programs.path("raw_udp_client"), "echo", "--size", "1200", "--segments",
          std::to_string(train_datagrams), "-c", "1", "--depth", "2", "--cpu",
          std::to_string(programs.cpus().client)})};
}

CaseSpec receive_case(const Programs& programs) {
  CaseSpec spec{
      .suite = "udp",
      .name = "receive-1200B",
      .title = fmt::format("1200 B from one peer that sends trains of {}", train_datagrams),
      .unit = "datagram",
      .contenders = datagram_servers(programs, "sink", {"--gro", "on"},
                                     {{"raw_gro", Role::raw, "epoll", {"gso"}},
                                      {"raw_uring_gro", Role::floor, "", {"uring", "--offload"}}}),
      .compared = {{.metric = SuiteMetric::cpu,
                    .targets = {.default_over_raw = 1.10, .own_over_raw = 1.10}},
                   {.metric = SuiteMetric::rate, .targets = {}}},
      .load = std::make_shared<DatagramBlast>(std::vector<std::string>{
          programs.path("raw_udp_client"), "blast", "--size", "1200", "--segments",
          std::to_string(train_datagrams), "--cpu", std::to_string(programs.cpus().client)})};
  // A socket without UDP_GRO drops datagrams, not trains: those would have to be counted in
  // another way. The echo of trains holds the libraries against weir.
  std::erase_if(spec.contenders, [](const ContenderSpec& it) { return it.role == Role::library; });
  return spec;
}

}  // namespace

std::vector<CaseSpec> udp_cases(const Programs& programs, Effort effort) {
  struct Shape {
    unsigned bytes;
    unsigned peers;
    unsigned depth;
    bool is_quick;
  };
  std::vector<CaseSpec> cases;
  for (const Shape& shape :
       {Shape{64, 64, 1, true}, Shape{64, 64, 16, true}, Shape{64, 1, 1, false},
        Shape{64, 1, 32, false}, Shape{512, 64, 1, false}, Shape{512, 64, 16, false},
        Shape{1200, 1, 32, false}, Shape{1200, 64, 16, true}}) {
    if (!shape.is_quick && effort == Effort::quick) continue;
    cases.push_back(echo_case(programs, shape.bytes, shape.peers, shape.depth));
  }
  cases.push_back(receive_case(programs));
  cases.push_back(trains_case(programs));
  return cases;
}

}  // namespace weir::tools::bench
