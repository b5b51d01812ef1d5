// What io_uring can do on this machine, found out by trying it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/uring/self_test.h"
#include "weir/core/backend_report.h"

namespace weir::reactor {

/// The verdicts of the self-tests. Booleans say "works and may be used".
struct UringProbe {
  int setup_error = 0;  ///< errno of io_uring_setup, 0 if a ring can be made
  bool defer_taskrun = false;
  bool registered_ring = false;
  bool extended_argument = false;  ///< EXT_ARG wait timeout
  bool no_iowait = false;
  bool cancel = false;
  bool multishot_accept = false;
  bool buffer_ring = false;
  bool multishot_receive = false;
  bool multishot_datagrams = false;
  bool incremental_buffers = false;
  bool buffer_reordering = false;
  bool instant_send = false;
  bool zero_copy_send = false;
  std::vector<BackendFeature> features;       ///< the same for people
  std::vector<std::string> unknown_disabled;  ///< asked to be switched off; names of no feature
};

/// A self-test, and where its verdict goes.
struct FeatureProbe {
  SelfTest test;
  bool UringProbe::* works;
};

/// Runs `features` where a ring can be set up. A feature works unless its test fails or `disabled`
/// lists it: names, comma-separated, with '-' for ' '. Names of no feature change nothing and are
/// kept for the report.
[[nodiscard]] UringProbe run_probes(std::span<const FeatureProbe> features,
                                    std::string_view disabled);

/// Runs the self-tests once a process (a few milliseconds), then answers from memory. Thread-safe.
/// `WEIR_DISABLE=name,name` (names of the report, '-' for ' ') switches features off.
[[nodiscard]] const UringProbe& probe_uring();

}  // namespace weir::reactor
