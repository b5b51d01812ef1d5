// A network namespace: a network stack of its own, with its own devices, addresses and routes.
//
// It lives for as long as somebody holds it open: a descriptor, a thread inside, a mount. The ones
// made here have no name and no mount, so that nothing is left behind however the process ends.
// Other processes reach one through `path`:
//
//     nsenter --net=/proc/1234/fd/5 ss -tin
//
// A namespace is a thread's: `enter` moves the calling thread alone.
#pragma once

#include <string>

#include "file_descriptor.h"
#include "problem.h"
#include "weir/base/function_ref.h"

namespace delay_relay {

class NetworkNamespace {
 public:
  /// A new one, with `lo` down. Needs CAP_SYS_ADMIN.
  [[nodiscard]] static OrProblem<NetworkNamespace> make();
  /// An existing one: a process by number, or a file such as /run/netns/NAME.
  [[nodiscard]] static OrProblem<NetworkNamespace> open(const std::string& path_or_pid);

  /// Moves the calling thread there, for good; threads that it starts then begin there, and sockets
  /// stay where they were made.
  [[nodiscard]] OrProblem<void> enter() const;
  /// Calls `action` on a thread of its own inside, and returns what that returns.
  [[nodiscard]] OrProblem<void> run(weir::FunctionRef<OrProblem<void>()> action) const;

  [[nodiscard]] int fd() const noexcept { return descriptor_.get(); }
  /// Where other processes find it, while this object lives.
  [[nodiscard]] std::string path() const;
  /// False if one of the two cannot be looked at.
  [[nodiscard]] bool is_same_as(const NetworkNamespace& other) const noexcept;

 private:
  explicit NetworkNamespace(FileDescriptor descriptor) noexcept
      : descriptor_(std::move(descriptor)) {}

  FileDescriptor descriptor_;
};

}  // namespace delay_relay
