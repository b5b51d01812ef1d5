#include "reactor/backend_choice.h"

#include <cerrno>
#include <string>
#include <utility>

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

/// The errors that say "not on this system". Any other is about now, not about here.
bool means_unavailable(int error) noexcept {
  return error == ENOSYS || error == EPERM || error == EINVAL;
}

Cause why_forbidden(int io_uring_disabled) {
  const std::string sysctl = "kernel.io_uring_disabled is " + std::to_string(io_uring_disabled);
  switch (io_uring_disabled) {
    case 1:
      return {"io_uring is forbidden to this user: " + sysctl,
              "sysctl -w kernel.io_uring_disabled=0, or join the group kernel.io_uring_group"};
    case 2:
      return {"io_uring is forbidden: " + sysctl, "sysctl -w kernel.io_uring_disabled=0"};
    default:
      return {"io_uring is forbidden (EPERM), as by the seccomp profile of a container",
              std::string(seccomp_remedy)};
  }
}

Cause why_unavailable(int setup_error, int io_uring_disabled) {
  switch (setup_error) {
    case EPERM:
      return why_forbidden(io_uring_disabled);
    case ENOSYS:
      return {"this kernel has no io_uring, or a seccomp profile hides it (ENOSYS)",
              "Linux 6.1 or newer; in a container " + std::string(seccomp_remedy)};
    default:
      return {"this kernel's io_uring is too old (EINVAL)", "Linux 6.1 or newer"};
  }
}

Cause why_slower(const UringProbe& probe) {
  std::string_view missing = "DEFER_TASKRUN and multishot receive";
  if (probe.defer_taskrun) missing = "multishot receive";
  if (probe.multishot_receive) missing = "DEFER_TASKRUN";
  return {"io_uring works here, but without " + std::string(missing) + " epoll is the faster one",
          "Linux 6.1 or newer"};
}

/// The report on epoll still tells what io_uring could do.
std::vector<BackendFeature> as_unused(std::vector<BackendFeature> features) {
  for (BackendFeature& feature : features) {
    if (feature.state == FeatureState::used) feature.state = FeatureState::unused;
  }
  return features;
}

BackendReport uring_report(const UringProbe& probe, std::string reason) {
  return {Backend::io_uring, std::move(reason), {}, probe.features};
}

BackendReport epoll_report(const UringProbe& probe, Cause cause) {
  return {Backend::epoll, std::move(cause.reason), std::move(cause.remedy),
          as_unused(probe.features)};
}

Result<BackendReport> decide_automatically(const BackendEvidence& evidence) {
  const UringProbe& probe = *evidence.probe;
  if (means_unavailable(probe.setup_error)) {
    return epoll_report(probe, why_unavailable(probe.setup_error, evidence.io_uring_disabled));
  }
  if (probe.setup_error != 0) return fail_errno(probe.setup_error);
  if (!probe.good_enough) return epoll_report(probe, why_slower(probe));
  return uring_report(probe, "DEFER_TASKRUN and multishot receive work here");
}

Result<BackendReport> decide_forced(Backend wish, const BackendEvidence& evidence,
                                    std::string reason) {
  const UringProbe& probe = *evidence.probe;
  if (wish == Backend::epoll) return epoll_report(probe, {std::move(reason), {}});
  if (means_unavailable(probe.setup_error)) return fail(Error::backend_unavailable);
  if (probe.setup_error != 0) return fail_errno(probe.setup_error);
  return uring_report(probe, std::move(reason));
}

}  // namespace

Result<BackendReport> decide_backend(Backend wish, const BackendEvidence& evidence) {
  if (wish != Backend::automatic) {
    return decide_forced(wish, evidence, std::string(to_string(wish)) + " was asked for");
  }
  if (evidence.environment.empty()) return decide_automatically(evidence);
  const Result<Backend> named = parse_backend(evidence.environment);
  if (!named) return fail(named.error());
  if (*named == Backend::automatic) return decide_automatically(evidence);
  return decide_forced(*named, evidence, "WEIR_BACKEND asks for " + std::string(to_string(*named)));
}

}  // namespace weir::reactor
