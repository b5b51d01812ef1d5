// The probe beside a relay, as the program runs it: over the path, then over the server's `lo`,
// which shows how much of the first is the two ends' own.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "emulated_path.h"
#include "file_descriptor.h"
#include "path_probe.h"
#include "problem.h"

namespace delay_relay {

struct ProbeFindings {
  ProbeReport over_path;
  ProbeReport over_loopback;
};

/// One line, without its end.
[[nodiscard]] std::string to_text(const ProbeFindings& findings);
/// One JSON object; times in microseconds.
[[nodiscard]] std::string to_json(const ProbeFindings& findings);

/// A thread that probes. Told to stop, and joined, by its destructor.
class ProbeRun {
 public:
  /// `path` outlives it.
  [[nodiscard]] static OrProblem<std::unique_ptr<ProbeRun>> start(const EmulatedPath& path,
                                                                  unsigned count);

  /// Becomes readable, poll(2), when the probe is done.
  [[nodiscard]] int done_fd() const noexcept { return done_.get(); }
  /// Waits, for the rest of one round trip at the most: what was found so far.
  [[nodiscard]] OrProblem<ProbeFindings> stop();

 private:
  explicit ProbeRun(FileDescriptor done) noexcept : done_(std::move(done)) {}
  void run(const EmulatedPath& path, unsigned count, const std::stop_token& stop);

  FileDescriptor done_;  ///< an eventfd
  OrProblem<ProbeFindings> outcome_;
  std::jthread thread_;
};

}  // namespace delay_relay
