// Which backend this process uses, and the making of its reactors.
#include <array>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <optional>

#include "reactor/backend_choice.h"
#include "reactor/reactor.h"

namespace weir::reactor {
namespace {

int read_io_uring_disabled() {
  int value = BackendEvidence::unknown;
  std::ifstream("/proc/sys/kernel/io_uring_disabled") >> value;
  return value;
}

BackendDecision decide_here(Backend wish) {
  const char* const environment = std::getenv("WEIR_BACKEND");
  return decide_backend(wish, {.probe = &probe_uring(),
                               .environment = environment == nullptr ? "" : environment,
                               .io_uring_disabled = read_io_uring_disabled()});
}

}  // namespace

std::expected<BackendReport, BackendRefusal> choose_backend(Backend wish) {
  static std::mutex mutex;
  static std::array<std::optional<BackendDecision>, 3> decisions;
  const std::scoped_lock lock(mutex);
  auto& decision = decisions.at(static_cast<std::size_t>(wish));
  if (!decision) decision = decide_here(wish);  // and stands: shards must never mix
  return *decision;
}

Result<std::unique_ptr<Reactor>> make_reactor(Backend backend, const ReactorOptions& options) {
  switch (backend) {
    case Backend::io_uring:
      return make_uring_reactor(options);
    case Backend::epoll:
      return make_epoll_reactor(options);
    case Backend::automatic:
      break;
  }
  return fail(Error::option_invalid);
}

}  // namespace weir::reactor
