#include "reactor/uring/probe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "reactor/uring/self_test.h"
#include "reactor/uring/self_test_bench.h"

namespace weir::reactor {
namespace {

/// A self-test, and where its verdict goes.
struct Probe {
  SelfTest test;
  bool UringProbe::* works;
};

/// The names are public: WEIR_DISABLE takes them. The versions are for people: nothing is decided
/// by them.
constexpr std::array probes{
    Probe{{"deferred completions", "completion work runs when the shard asks for it, in batches",
           "Linux 6.1 or newer", test_deferred_completions},
          &UringProbe::defer_taskrun},
    Probe{{"registered ring", "each enter saves a look-up of the ring's descriptor",
           "Linux 5.18 or newer", test_registered_ring},
          &UringProbe::registered_ring},
    Probe{{"wait timeout", "one system call submits and waits until the next deadline",
           "Linux 5.11 or newer", test_wait_timeout},
          &UringProbe::extended_argument},
    Probe{{"no iowait", "an idle shard is not counted as waiting for a disk", "Linux 6.15 or newer",
           test_no_iowait},
          &UringProbe::no_iowait},
    Probe{{"cancel", "stops a request in flight", "Linux 5.19 or newer", test_cancel},
          &UringProbe::cancel},
    Probe{{"multishot accept", "one request accepts all connections of a listener",
           "Linux 5.19 or newer", test_multishot_accept},
          &UringProbe::multishot_accept},
    Probe{{"buffer ring", "memory is taken when bytes arrive, not while a stream is idle",
           "Linux 5.19 or newer", test_buffer_ring},
          &UringProbe::buffer_ring},
    Probe{{"multishot receive", "one request receives all that comes on a stream",
           "Linux 6.0 or newer", test_multishot_receive},
          &UringProbe::multishot_receive},
    Probe{{"multishot datagrams", "a datagram that comes alone is received without a system call",
           "Linux 6.0 or newer", test_multishot_datagrams},
          &UringProbe::multishot_datagrams},
    Probe{{"incremental buffers", "many small messages share a buffer, large ones are cut rarely",
           "Linux 6.12 or newer", test_incremental_buffers},
          &UringProbe::incremental_buffers},
    Probe{{"buffer reordering", "memory that is still in the cache is received into first",
           "Linux 6.12 or newer", test_buffer_reordering},
          &UringProbe::buffer_reordering},
    Probe{{"instant send", "a send that the socket has room for needs no completion",
           "Linux 5.19 or newer", test_instant_send},
          &UringProbe::instant_send},
    Probe{{"zero-copy send", "large sends leave without a copy where the device can do it",
           "Linux 6.2 or newer; if it says ENOMEM, a larger limit of locked memory (ulimit -l)",
           test_zero_copy_send},
          &UringProbe::zero_copy_send},
};

/// True if `list`, comma-separated, contains `name` with '-' for ' '.
bool is_listed(std::string_view list, std::string_view name) {
  const auto same = [](char listed, char named) {
    return listed == named || (listed == '-' && named == ' ');
  };
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (std::ranges::equal(item, name, same)) return true;
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return false;
}

BackendFeature judge(const SelfTest& test, std::string_view disabled) {
  BackendFeature feature{.name = std::string(test.name),
                         .state = FeatureState::used,
                         .detail = std::string(test.effect),
                         .remedy = {}};
  if (is_listed(disabled, test.name)) {
    feature.state = FeatureState::disabled;
    feature.detail = "switched off by WEIR_DISABLE";
    feature.remedy = "take it out of WEIR_DISABLE";
  } else if (const Verdict verdict = test.run()) {
    feature.state =
        verdict->error != 0 ? FeatureState::unavailable : FeatureState::failed_self_test;
    feature.detail = verdict->detail;
    feature.remedy = test.remedy;
  }
  return feature;
}

UringProbe run_probes(std::string_view disabled) {
  UringProbe result;
  if (const Verdict verdict = test_ring()) {
    // One that misbehaves is as good as none.
    result.setup_error = verdict->error != 0 ? verdict->error : EINVAL;
    for (const Probe& probe : probes) {
      result.features.push_back({.name = std::string(probe.test.name),
                                 .state = FeatureState::unavailable,
                                 .detail = "no ring can be set up: " + verdict->detail,
                                 .remedy = {}});
    }
    return result;
  }
  for (const Probe& probe : probes) {
    result.features.push_back(judge(probe.test, disabled));
    result.*probe.works = result.features.back().state == FeatureState::used;
  }
  if (result.zero_copy_send) {
    BackendFeature& zero_copy = result.features.back();
    zero_copy.state = FeatureState::unused;
    zero_copy.detail = "works here, but sends do not use it yet";
  }
  result.good_enough = result.defer_taskrun && result.multishot_receive && result.buffer_ring &&
                       result.extended_argument && result.cancel;
  return result;
}

}  // namespace

const UringProbe& probe_uring() {
  static const UringProbe probe = [] {
    const char* const disabled = std::getenv("WEIR_DISABLE");
    return run_probes(disabled == nullptr ? "" : disabled);
  }();
  return probe;
}

}  // namespace weir::reactor
