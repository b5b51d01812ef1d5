#include "reactor/backend_choice.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "reactor/uring/self_test_bench.h"

namespace weir::reactor {
namespace {

constexpr std::string_view seccomp_remedy =
    "allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp profile "
    "(docker run --security-opt seccomp=PROFILE.json; Docker's default profile forbids them)";

/// Why something is so, and what would change it.
struct Cause {
  std::string reason;
  std::string remedy;
};

/// Who asked for a backend, in words.
struct Demand {
  Backend backend;
  std::string reason;
  std::string_view way_out;  ///< how to ask for less
  std::string_view epoll;    ///< how to ask for what needs no ring
};

struct Need {
  std::string_view feature;  ///< as in the report
  bool UringProbe::* works;
};

/// A reactor can't do without these.
constexpr std::array needed_at_all{Need{"wait timeout", &UringProbe::extended_argument},
                                   Need{"cancel", &UringProbe::cancel},
                                   Need{"buffer ring", &UringProbe::buffer_ring}};

/// A reactor without these works, and is slower than epoll.
constexpr std::array needed_to_be_faster{Need{"deferred completions", &UringProbe::defer_taskrun},
                                         Need{"multishot receive", &UringProbe::multishot_receive}};

std::vector<std::string_view> find_missing(const UringProbe& probe, std::span<const Need> needs) {
  std::vector<std::string_view> missing;
  for (const Need& need : needs) {
    if (!(probe.*need.works)) missing.push_back(need.feature);
  }
  return missing;
}

std::string join(std::span<const std::string_view> names, std::string_view separator) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += separator;
    list += name;
  }
  return list;
}

/// As WEIR_DISABLE takes them.
std::string join_for_environment(std::span<const std::string_view> names,
                                 std::string_view separator) {
  std::string list;
  for (const std::string_view name : names) {
    if (!list.empty()) list += separator;
    std::ranges::replace_copy(name, std::back_inserter(list), ' ', '-');
  }
  return list;
}

/// Those of `missing` that the report has as `state`.
std::vector<std::string_view> pick(const UringProbe& probe,
                                   std::span<const std::string_view> missing, FeatureState state) {
  std::vector<std::string_view> picked;
  std::ranges::copy_if(missing, std::back_inserter(picked), [&](std::string_view name) {
    const auto found = std::ranges::find(probe.features, name, &BackendFeature::name);
    return found != probe.features.end() && found->state == state;
  });
  return picked;
}

/// What would bring `missing` back, by cause. A newer kernel has all that this one refuses. It need
/// not mend what this one has and gets wrong, nor give back what was switched off.
std::string remedy_for(const UringProbe& probe, std::span<const std::string_view> missing) {
  const auto disabled = pick(probe, missing, FeatureState::disabled);
  const auto faulty = pick(probe, missing, FeatureState::failed_self_test);
  std::vector<std::string> remedies;
  if (!disabled.empty()) {
    remedies.push_back("take " + join_for_environment(disabled, ",") + " out of WEIR_DISABLE");
  }
  if (!faulty.empty()) {
    remedies.push_back("a kernel on which the self-test passes: " + join(faulty, ", "));
  }
  if (disabled.size() + faulty.size() < missing.size()) remedies.emplace_back("Linux 6.1 or newer");
  const std::vector<std::string_view> parts(remedies.begin(), remedies.end());
  return join(parts, "; ");
}

Cause why_lacking(const UringProbe& probe, std::string_view sentence,
                  std::span<const std::string_view> missing) {
  return {std::string(sentence) + ": " + join(missing, ", "), remedy_for(probe, missing)};
}

/// The errors that say "not on this system". Any other is about now, not about here.
bool means_unavailable(int error) noexcept {
  return error == ENOSYS || error == EPERM || error == EINVAL;
}

Cause why_forbidden(int io_uring_disabled) {
  const std::string sysctl = describe_errno(EPERM) + ", because kernel.io_uring_disabled is " +
                             std::to_string(io_uring_disabled);
  switch (io_uring_disabled) {
    case 1:
      return {"io_uring is forbidden to this user: " + sysctl,
              "sysctl -w kernel.io_uring_disabled=0, or join the group kernel.io_uring_group"};
    case 2:
      return {"io_uring is forbidden: " + sysctl, "sysctl -w kernel.io_uring_disabled=0"};
    default:
      return {"io_uring is forbidden: " + describe_errno(EPERM) +
                  ", as by the seccomp profile of a container",
              std::string(seccomp_remedy)};
  }
}

Cause why_unavailable(int setup_error, int io_uring_disabled) {
  switch (setup_error) {
    case EPERM:
      return why_forbidden(io_uring_disabled);
    case ENOSYS:
      return {
          "this kernel has no io_uring, or a seccomp profile hides it: " + describe_errno(ENOSYS),
          "Linux 6.1 or newer; in a container " + std::string(seccomp_remedy)};
    default:
      return {"this kernel's io_uring is too old: " + describe_errno(EINVAL), "Linux 6.1 or newer"};
  }
}

Cause why_not_now(int setup_error) {
  const std::string reason = "io_uring can't be set up now: " + describe_errno(setup_error);
  switch (setup_error) {
    case EMFILE:
      return {reason, "a larger limit of open files (ulimit -n)"};
    case ENOMEM:
      return {reason, "more memory, or a larger limit of locked memory (ulimit -l)"};
    default:
      return {reason, {}};
  }
}

/// The report on epoll still tells what io_uring could do.
std::vector<BackendFeature> as_unused(std::vector<BackendFeature> features) {
  for (BackendFeature& feature : features) {
    if (feature.state == FeatureState::used) feature.state = FeatureState::unused;
  }
  return features;
}

/// What WEIR_DISABLE lists in vain: a word that is spelt wrong must not pass for a feature that is
/// off. No refusal as for WEIR_BACKEND: names come and go with versions, and one environment may be
/// for several programs.
std::string describe_unknown(const UringProbe& probe) {
  if (probe.unknown_disabled.empty()) return {};
  std::string text = "WEIR_DISABLE lists ";
  for (const std::string& word : probe.unknown_disabled) {
    if (&word != &probe.unknown_disabled.front()) text += ", ";
    text += '"' + word + '"';
  }
  text +=
      probe.unknown_disabled.size() == 1 ? ", which names no feature" : ", which name no features";
  std::vector<std::string_view> known;
  std::ranges::transform(probe.features, std::back_inserter(known), &BackendFeature::name);
  return text + "; known are " + join_for_environment(known, ", ");
}

BackendReport uring_report(const UringProbe& probe, std::string reason) {
  return {Backend::io_uring, std::move(reason), {}, probe.features, describe_unknown(probe)};
}

BackendReport epoll_report(const UringProbe& probe, Cause cause) {
  return {Backend::epoll, std::move(cause.reason), std::move(cause.remedy),
          as_unused(probe.features), describe_unknown(probe)};
}

std::unexpected<BackendRefusal> refuse(const UringProbe& probe, std::error_code error,
                                       Cause cause) {
  return std::unexpected(BackendRefusal{error, std::move(cause.reason), std::move(cause.remedy),
                                        as_unused(probe.features), describe_unknown(probe)});
}

BackendDecision decide_automatically(const BackendEvidence& evidence) {
  const UringProbe& probe = *evidence.probe;
  if (means_unavailable(probe.setup_error)) {
    return epoll_report(probe, why_unavailable(probe.setup_error, evidence.io_uring_disabled));
  }
  if (probe.setup_error != 0) {
    Cause cause = why_not_now(probe.setup_error);
    cause.remedy += cause.remedy.empty() ? "WEIR_BACKEND=epoll" : ", or WEIR_BACKEND=epoll";
    return refuse(probe, from_errno(probe.setup_error), std::move(cause));
  }
  if (const auto missing = find_missing(probe, needed_at_all); !missing.empty()) {
    return epoll_report(
        probe, why_lacking(probe, "io_uring lacks what it can't be used without", missing));
  }
  if (const auto missing = find_missing(probe, needed_to_be_faster); !missing.empty()) {
    return epoll_report(
        probe, why_lacking(probe, "io_uring works here, but lacks what makes it faster than epoll",
                           missing));
  }
  return uring_report(probe, "DEFER_TASKRUN and multishot receive work here");
}

std::unexpected<BackendRefusal> refuse_demand(const UringProbe& probe, std::error_code error,
                                              std::string_view demand, Cause cause,
                                              std::string_view way_out) {
  cause.reason = std::string(demand) + ", but " + cause.reason;
  std::string remedy(way_out);
  if (!cause.remedy.empty()) remedy += "; to have io_uring: " + cause.remedy;
  return refuse(probe, error, {std::move(cause.reason), std::move(remedy)});
}

BackendDecision decide_forced(const BackendEvidence& evidence, const Demand& demand) {
  const UringProbe& probe = *evidence.probe;
  if (demand.backend == Backend::epoll) return epoll_report(probe, {demand.reason, {}});
  if (means_unavailable(probe.setup_error)) {
    return refuse_demand(probe, Error::backend_unavailable, demand.reason,
                         why_unavailable(probe.setup_error, evidence.io_uring_disabled),
                         demand.way_out);
  }
  if (probe.setup_error != 0) {
    // Who leaves the choice to us is refused as well.
    return refuse_demand(probe, from_errno(probe.setup_error), demand.reason,
                         why_not_now(probe.setup_error), demand.epoll);
  }
  if (const auto missing = find_missing(probe, needed_at_all); !missing.empty()) {
    return refuse_demand(probe, Error::backend_unavailable, demand.reason,
                         why_lacking(probe, "it lacks what it can't be used without", missing),
                         demand.way_out);
  }
  return uring_report(probe, demand.reason);
}

}  // namespace

BackendDecision decide_backend(Backend wish, const BackendEvidence& evidence) {
  if (wish != Backend::automatic) {
    return decide_forced(evidence, {.backend = wish,
                                    .reason = std::string(to_string(wish)) + " was asked for",
                                    .way_out = "ask for auto or epoll",
                                    .epoll = "ask for epoll"});
  }
  if (evidence.environment.empty()) return decide_automatically(evidence);
  const Result<Backend> named = parse_backend(evidence.environment);
  if (!named) {
    return refuse(
        *evidence.probe, named.error(),
        {"WEIR_BACKEND is \"" + std::string(evidence.environment) + "\", which names no backend",
         "set WEIR_BACKEND to auto, io_uring or epoll, or unset it"});
  }
  if (*named == Backend::automatic) return decide_automatically(evidence);
  return decide_forced(evidence,
                       {.backend = *named,
                        .reason = "WEIR_BACKEND asks for " + std::string(to_string(*named)),
                        .way_out = "unset WEIR_BACKEND",
                        .epoll = "set WEIR_BACKEND=epoll"});
}

}  // namespace weir::reactor
