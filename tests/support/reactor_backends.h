// The reactors that the conformance tests run on.
#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "reactor/epoll/epoll_reactor.h"
#include "reactor/reactor.h"
#include "reactor/uring/uring_factory.h"

namespace weir::test {

using ReactorResult = Result<std::unique_ptr<reactor::Reactor>>;

/// A kind of reactor, and how to make one. An error says that this machine does not have it.
struct TestBackend {
  std::string name;  ///< letters, digits and '_' only: part of the names of the tests
  ReactorResult (*make)(const reactor::ReactorOptions& options);
};

inline void PrintTo(const TestBackend& backend, std::ostream* out) { *out << backend.name; }

/// As on a kernel without epoll_pwait2.
inline ReactorResult make_epoll_reactor_in_milliseconds(const reactor::ReactorOptions& options) {
  ReactorResult made = reactor::make_epoll_reactor(options);
  if (made) static_cast<reactor::EpollReactor&>(**made).use_milliseconds();
  return made;
}

/// As on a kernel without incremental buffers.
inline ReactorResult make_uring_reactor_classic(const reactor::ReactorOptions& options) {
  auto uring = reactor::UringOptions::probed();
  uring.incremental_buffers = false;
  return make_uring_reactor(options, uring);
}

/// As on a kernel without multishot requests.
inline ReactorResult make_uring_reactor_oneshot(const reactor::ReactorOptions& options) {
  auto uring = reactor::UringOptions::probed();
  uring.multishot_accept = uring.multishot_receive = false;
  return make_uring_reactor(options, uring);
}

/// As on a kernel without DEFER_TASKRUN.
inline ReactorResult make_uring_reactor_cooperative(const reactor::ReactorOptions& options) {
  auto uring = reactor::UringOptions::probed();
  uring.ring.defer_taskrun = false;
  return make_uring_reactor(options, uring);
}

/// With queues so short that they are full all the time, and every send through them.
inline ReactorResult make_uring_reactor_cramped(const reactor::ReactorOptions& options) {
  auto uring = reactor::UringOptions::probed();
  uring.ring.submission_entries = 4;
  uring.ring.completion_entries = 4;
  uring.direct_sends_below = 0;
  uring.many_sends = reactor::ManySends::ring;
  return make_uring_reactor(options, uring);
}

/// Where calls were found to be cheaper: no send through the ring but to wait for room.
inline ReactorResult make_uring_reactor_calling(const reactor::ReactorOptions& options) {
  auto uring = reactor::UringOptions::probed();
  uring.direct_sends_below = 0;
  uring.many_sends = reactor::ManySends::calls;
  return make_uring_reactor(options, uring);
}

inline std::vector<TestBackend> all_test_backends() {
  return {{"epoll", reactor::make_epoll_reactor},
          {"epoll_milliseconds", make_epoll_reactor_in_milliseconds},
          {"io_uring", reactor::make_uring_reactor},
          {"io_uring_classic", make_uring_reactor_classic},
          {"io_uring_oneshot", make_uring_reactor_oneshot},
          {"io_uring_cooperative", make_uring_reactor_cooperative},
          {"io_uring_cramped", make_uring_reactor_cramped},
          {"io_uring_calling", make_uring_reactor_calling}};
}

}  // namespace weir::test
