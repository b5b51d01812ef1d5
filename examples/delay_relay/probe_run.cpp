#include "probe_run.h"

#include <sys/eventfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <functional>
#include <utility>

#include "relay_report.h"

namespace delay_relay {
namespace {

/// As many are enough to see what the ends take.
constexpr unsigned loopback_count_max = 200;

std::string to_json(const ProbeReport& report) {
  std::array<char, 256> text{};
  std::snprintf(text.data(), text.size(),
                R"({"count": %llu, "lost": %u, "min_us": %.1f, "p50_us": %.1f, "p99_us": %.1f, )"
                R"("max_us": %.1f})",
                static_cast<unsigned long long>(report.round_trips.count()), report.lost,
                in_microseconds(report.min), in_microseconds(report.round_trips.quantile(0.5)),
                in_microseconds(report.round_trips.quantile(0.99)),
                in_microseconds(report.round_trips.max()));
  return text.data();
}

}  // namespace

std::string to_text(const ProbeFindings& findings) {
  const ProbeReport& path = findings.over_path;
  return "probe: " + std::to_string(path.round_trips.count()) + " round trips, " +
         std::to_string(path.lost) + " lost; took min " + to_text(path.min) + ", p50 " +
         to_text(path.round_trips.quantile(0.5)) + ", p99 " +
         to_text(path.round_trips.quantile(0.99)) + ", max " + to_text(path.round_trips.max()) +
         "; over lo p50 " + to_text(findings.over_loopback.round_trips.quantile(0.5));
}

std::string to_json(const ProbeFindings& findings) {
  return R"({"over_path": )" + to_json(findings.over_path) + R"(, "over_loopback": )" +
         to_json(findings.over_loopback) + "}";
}

OrProblem<std::unique_ptr<ProbeRun>> ProbeRun::start(const EmulatedPath& path, unsigned count) {
  FileDescriptor done(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!done.is_open()) return failed("cannot make an eventfd");
  std::unique_ptr<ProbeRun> probing(new ProbeRun(std::move(done)));
  probing->thread_ = std::jthread([&probing = *probing, &path, count](const std::stop_token& stop) {
    probing.run(path, count, stop);
    ::eventfd_write(probing.done_fd(), 1);
  });
  return probing;
}

void ProbeRun::run(const EmulatedPath& path, unsigned count, const std::stop_token& stop) {
  const PathEnd& server = path.server();
  const OrProblem<ProbeReport> over_path =
      probe(path.client().home, server.home, server.address, {.count = count}, stop);
  if (!over_path) {
    outcome_ = std::unexpected(over_path.error());
    return;
  }
  const OrProblem<ProbeReport> over_loopback =
      probe(server.home, server.home, server.address,
            {.count = std::min(count, loopback_count_max)}, stop);
  if (!over_loopback) {
    outcome_ = std::unexpected(over_loopback.error());
    return;
  }
  outcome_ = ProbeFindings{.over_path = *over_path, .over_loopback = *over_loopback};
}

OrProblem<ProbeFindings> ProbeRun::stop() {
  thread_.request_stop();
  thread_.join();
  return outcome_;
}

}  // namespace delay_relay
