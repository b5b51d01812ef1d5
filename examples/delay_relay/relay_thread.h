// A relay on a thread of its own, with a runtime of its own:
//
//     auto path = EmulatedPath::make({});
//     auto thread = RelayThread::start(*path, {.relay = {.rtt = 20ms}});
//     ... threads that call path->client().home.enter() or path->server().home.enter() ...
//     auto report = (*thread)->stop();
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <thread>

#include "emulated_path.h"
#include "file_descriptor.h"
#include "problem.h"
#include "relay.h"
#include "relay_report.h"

namespace delay_relay {

struct RelaySettings {
  RelayOptions relay;
  weir::Duration spin{};  ///< see RuntimeOptions::spin
  /// SCHED_FIFO, 1 to 99; 0: an ordinary thread. Taken if the kernel lets us: see the report.
  int realtime_priority = 10;
  std::optional<int> cpu{};  ///< to stay on
  weir::Backend backend = weir::Backend::automatic;
};

/// Joined by `stop`, or by its destructor.
class RelayThread {
 public:
  /// Relays once it returns. `path` outlives the thread and has no other relay meanwhile. Signals
  /// are left to the program.
  [[nodiscard]] static OrProblem<std::unique_ptr<RelayThread>> start(const EmulatedPath& path,
                                                                     const RelaySettings& settings);
  ~RelayThread();

  /// Becomes readable, poll(2), when the relay has ended by itself: a device is gone.
  [[nodiscard]] int ended_fd() const noexcept { return ended_.get(); }

  /// Ends the relay, and tells what it did or why it had ended. What is on its way is lost. Once.
  [[nodiscard]] OrProblem<RelayReport> stop();

 private:
  RelayThread(const EmulatedPath& path, const RelaySettings& settings, FileDescriptor stop,
              FileDescriptor ended) noexcept;
  void join() noexcept;

  void run(std::promise<OrProblem<void>> begun);
  [[nodiscard]] OrProblem<void> run_until_stopped(std::promise<OrProblem<void>>& begun);
  [[nodiscard]] weir::Task<weir::Result<void>> relay_until_stopped();

  const EmulatedPath& path_;
  const RelaySettings settings_;
  FileDescriptor stop_;   ///< an eventfd
  FileDescriptor ended_;  ///< an eventfd
  RelayCounts counts_;
  bool is_realtime_ = false;  ///< this and the next two: written by the thread
  weir::Duration cpu_time_{};
  OrProblem<void> outcome_;
  std::thread thread_;
};

}  // namespace delay_relay
