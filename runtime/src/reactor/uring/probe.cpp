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

/// The names are public: WEIR_DISABLE takes them. The versions are for people: nothing is decided
/// by them.
constexpr std::array probes{
    FeatureProbe{
        {"deferred completions", "completion work runs when the shard asks for it, in batches",
         "Linux 6.1 or newer", test_deferred_completions},
        &UringProbe::defer_taskrun},
    FeatureProbe{{"registered ring", "each enter saves a look-up of the ring's descriptor",
                  "Linux 5.18 or newer", test_registered_ring},
                 &UringProbe::registered_ring},
    FeatureProbe{{"wait timeout", "one system call submits and waits until the next deadline",
                  "Linux 5.11 or newer", test_wait_timeout},
                 &UringProbe::extended_argument},
    FeatureProbe{{"no iowait", "an idle shard is not counted as waiting for a disk",
                  "Linux 6.15 or newer", test_no_iowait},
                 &UringProbe::no_iowait},
    FeatureProbe{{"cancel", "stops a request in flight", "Linux 5.19 or newer", test_cancel},
                 &UringProbe::cancel},
    FeatureProbe{{"multishot accept", "one request accepts all connections of a listener",
                  "Linux 5.19 or newer", test_multishot_accept},
                 &UringProbe::multishot_accept},
    FeatureProbe{{"buffer ring", "memory is taken when bytes arrive, not while a stream is idle",
                  "Linux 5.19 or newer", test_buffer_ring},
                 &UringProbe::buffer_ring},
    FeatureProbe{{"multishot receive", "one request receives all that comes on a stream",
                  "Linux 6.0 or newer", test_multishot_receive},
                 &UringProbe::multishot_receive},
    FeatureProbe{
        {"multishot datagrams", "a datagram that comes alone is received without a system call",
         "Linux 6.0 or newer", test_multishot_datagrams},
        &UringProbe::multishot_datagrams},
    FeatureProbe{
        {"incremental buffers", "many small messages share a buffer, large ones are cut rarely",
         "Linux 6.12 or newer", test_incremental_buffers},
        &UringProbe::incremental_buffers},
    FeatureProbe{{"buffer reordering", "memory that is still in the cache is received into first",
                  "Linux 6.12 or newer", test_buffer_reordering},
                 &UringProbe::buffer_reordering},
    FeatureProbe{{"instant send", "a send that the socket has room for needs no completion",
                  "Linux 5.19 or newer", test_instant_send},
                 &UringProbe::instant_send},
    FeatureProbe{
        {"zero-copy send", "large sends leave without a copy where the device can do it",
         "Linux 6.2 or newer; if it says ENOMEM, a larger limit of locked memory (ulimit -l)",
         test_zero_copy_send},
        &UringProbe::zero_copy_send},
};

/// What stands between the commas, but for nothing at all.
std::vector<std::string_view> split(std::string_view list) {
  std::vector<std::string_view> items;
  while (!list.empty()) {
    const std::string_view item = list.substr(0, list.find(','));
    if (!item.empty()) items.push_back(item);
    list.remove_prefix(std::min(list.size(), item.size() + 1));
  }
  return items;
}

/// True if `item` is `name`, or that with '-' for ' '.
bool is_name(std::string_view item, std::string_view name) {
  return std::ranges::equal(item, name, [](char listed, char named) {
    return listed == named || (listed == '-' && named == ' ');
  });
}

bool is_listed(std::span<const std::string_view> items, std::string_view name) {
  return std::ranges::any_of(items, [name](std::string_view item) { return is_name(item, name); });
}

/// Each of `items` once that is the name of none of `features`.
std::vector<std::string> find_unknown(std::span<const std::string_view> items,
                                      std::span<const FeatureProbe> features) {
  std::vector<std::string> unknown;
  for (const std::string_view item : items) {
    const bool is_known = std::ranges::any_of(
        features, [item](const FeatureProbe& probe) { return is_name(item, probe.test.name); });
    if (!is_known && std::ranges::find(unknown, item) == unknown.end()) unknown.emplace_back(item);
  }
  return unknown;
}

BackendFeature judge(const SelfTest& test, std::span<const std::string_view> disabled) {
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
    // Some old kernels take a flag and do not heed it; a newer one that fails has a fault.
    if (verdict->error == 0) feature.remedy += "; if this is one, a kernel without this fault";
  }
  return feature;
}

}  // namespace

UringProbe run_probes(std::span<const FeatureProbe> features, std::string_view disabled) {
  UringProbe result;
  const std::vector<std::string_view> switched_off = split(disabled);
  result.unknown_disabled = find_unknown(switched_off, features);
  if (const Verdict verdict = test_ring()) {
    // One that misbehaves is as good as none.
    result.setup_error = verdict->error != 0 ? verdict->error : EINVAL;
    for (const FeatureProbe& probe : features) {
      result.features.push_back({.name = std::string(probe.test.name),
                                 .state = FeatureState::unavailable,
                                 .detail = "no ring can be set up: " + verdict->detail,
                                 .remedy = {}});
    }
    return result;
  }
  for (const FeatureProbe& probe : features) {
    BackendFeature& feature = result.features.emplace_back(judge(probe.test, switched_off));
    result.*probe.works = feature.state == FeatureState::used;
    if (result.*probe.works && probe.works == &UringProbe::zero_copy_send) {
      feature.state = FeatureState::unused;
      feature.detail = "works here, but sends do not use it yet";
    }
  }
  return result;
}

const UringProbe& probe_uring() {
  static const UringProbe probe = [] {
    const char* const disabled = std::getenv("WEIR_DISABLE");
    return run_probes(probes, disabled == nullptr ? "" : disabled);
  }();
  return probe;
}

}  // namespace weir::reactor
