#include "network_namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <thread>

namespace delay_relay {
namespace {

OrProblem<FileDescriptor> open_namespace(const std::string& path) {
  FileDescriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor.is_open()) return failed("cannot open " + path);
  return descriptor;
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

OrProblem<NetworkNamespace> NetworkNamespace::make() {
  OrProblem<FileDescriptor> made;
  // On a thread of its own: the one that calls stays where it is, whatever fails.
  std::jthread([&made] {
    if (::unshare(CLONE_NEWNET) != 0) {
      made = failed("cannot make a network namespace");
    } else {
      made = open_namespace("/proc/thread-self/ns/net");
    }
  }).join();
  if (!made) return std::unexpected(made.error());
  return NetworkNamespace(std::move(*made));
}

OrProblem<NetworkNamespace> NetworkNamespace::open(const std::string& path_or_pid) {
  OrProblem<FileDescriptor> opened =
      open_namespace(is_number(path_or_pid) ? "/proc/" + path_or_pid + "/ns/net" : path_or_pid);
  if (!opened) return std::unexpected(opened.error());
  return NetworkNamespace(std::move(*opened));
}

OrProblem<void> NetworkNamespace::enter() const {
  if (::setns(fd(), CLONE_NEWNET) != 0) return failed("cannot enter the network namespace");
  return {};
}

OrProblem<void> NetworkNamespace::run(weir::FunctionRef<OrProblem<void>()> action) const {
  OrProblem<void> outcome;
  std::jthread([this, &outcome, &action] {
    outcome = enter();
    if (outcome) outcome = action();
  }).join();
  return outcome;
}

std::string NetworkNamespace::path() const {
  return "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd());
}

bool NetworkNamespace::is_same_as(const NetworkNamespace& other) const noexcept {
  struct stat mine{};
  struct stat theirs{};
  if (::fstat(fd(), &mine) != 0 || ::fstat(other.fd(), &theirs) != 0) return false;
  return mine.st_ino == theirs.st_ino && mine.st_dev == theirs.st_dev;
}

}  // namespace delay_relay
