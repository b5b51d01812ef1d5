// Lets two network namespaces see each other over a long way: see options.h for the command line
// and README.md for what it is good for. SIGINT and SIGTERM end it.
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "emulated_path.h"
#include "options.h"
#include "probe_run.h"
#include "relay_report.h"
#include "relay_thread.h"

namespace {

using namespace delay_relay;

/// SIGINT and SIGTERM as a descriptor, blocked in this thread and those that it starts.
OrProblem<FileDescriptor> open_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  FileDescriptor descriptor(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!descriptor.is_open()) return failed("cannot wait for signals");
  return descriptor;
}

/// Waits for a signal, the end of the relay, of the probe or of the time.
void wait(const FileDescriptor& signals, const RelayThread& relay, const ProbeRun* probing,
          std::optional<weir::Duration> limit) {
  // A negative descriptor is passed over.
  const int probed_fd = probing == nullptr ? -1 : probing->done_fd();
  std::array<pollfd, 3> polled{{{.fd = signals.get(), .events = POLLIN, .revents = 0},
                                {.fd = relay.ended_fd(), .events = POLLIN, .revents = 0},
                                {.fd = probed_fd, .events = POLLIN, .revents = 0}}};
  int limit_ms = -1;
  if (limit) {
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(*limit).count();
    limit_ms = static_cast<int>(std::min<std::int64_t>(ms, std::numeric_limits<int>::max()));
  }
  ::poll(polled.data(), polled.size(), limit_ms);
}

void announce(const EmulatedPath& path) {
  std::string line = "READY";
  for (const PathEnd* const end : {&path.client(), &path.server()}) {
    line += " " + end->home.path() + " " + to_string(end->address);
  }
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

void print(const RelayReport& report, const std::optional<ProbeFindings>& findings, bool is_json) {
  if (is_json) {
    std::printf("{\"relay\": %s, \"probe\": %s}\n", to_json(report).c_str(),
                findings ? to_json(*findings).c_str() : "null");
    return;
  }
  std::printf("%s\n", to_text(report).c_str());
  if (findings) std::printf("%s\n", to_text(*findings).c_str());
}

OrProblem<void> run(const Options& options) {
  const OrProblem<FileDescriptor> signals = open_signals();
  if (!signals) return std::unexpected(signals.error());
  const OrProblem<EmulatedPath> path = EmulatedPath::make(options.path);
  if (!path) return std::unexpected(path.error());
  const OrProblem<std::unique_ptr<RelayThread>> relay = RelayThread::start(*path, options.relay);
  if (!relay) return std::unexpected(relay.error());
  announce(*path);

  std::unique_ptr<ProbeRun> probing;
  if (options.probes) {
    OrProblem<std::unique_ptr<ProbeRun>> started = ProbeRun::start(*path, *options.probes);
    if (!started) return std::unexpected(started.error());
    probing = std::move(*started);
  }
  wait(*signals, **relay, probing.get(), options.duration);

  std::optional<ProbeFindings> findings;
  if (probing) {
    const OrProblem<ProbeFindings> found = probing->stop();
    if (!found) return std::unexpected(found.error());
    findings = *found;
  }
  const OrProblem<RelayReport> report = (*relay)->stop();
  if (!report) return std::unexpected(report.error());
  print(*report, findings, options.is_json);
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const std::span<char*> arguments(argv + 1, static_cast<std::size_t>(argc > 0 ? argc - 1 : 0));
  if (arguments.size() == 1 && std::string_view(arguments[0]) == "--help") {
    std::fputs(usage, stdout);
    return EXIT_SUCCESS;
  }
  const auto options = parse_options(arguments);
  if (!options) {
    std::fprintf(stderr, "weir_delay_relay: %s\n%s", options.error().c_str(), usage);
    return 2;
  }
  const OrProblem<void> done = run(*options);
  if (done) return EXIT_SUCCESS;
  std::fprintf(stderr, "weir_delay_relay: %s\n", done.error().to_string().c_str());
  return EXIT_FAILURE;
}
