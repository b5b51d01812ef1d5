// What the self-tests work with: a small ring with provided buffers, and sockets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reactor/owned_fd.h"
#include "reactor/uring/ring.h"
#include "reactor/uring/self_test.h"
#include "weir/base/result.h"

namespace weir::reactor {

/// "Invalid argument (EINVAL)".
[[nodiscard]] std::string describe_errno(int error);

[[nodiscard]] Verdict refused(int error);
[[nodiscard]] Verdict misbehaves(std::string detail);

class SelfTestBench {
 public:
  SelfTestBench() = default;
  SelfTestBench(const SelfTestBench&) = delete;
  SelfTestBench& operator=(const SelfTestBench&) = delete;
  ~SelfTestBench();

  /// A ring like a reactor's.
  [[nodiscard]] Result<> open(const RingOptions& options = {.submission_entries = 8,
                                                            .completion_entries = 64});

  /// `count` buffers (a power of two) of `size` bytes, group 0.
  [[nodiscard]] Result<> provide_buffers(std::size_t count, std::uint32_t size, bool incremental);
  /// Those that no completion has returned yet are in the kernel; this gives it all of them again.
  void provide_all() noexcept;
  /// Writes an entry of the buffer ring anew: all of buffer `id`.
  void rewrite(std::size_t position, std::size_t id) noexcept;
  /// What a completion with a buffer brought; `incremental` moves on in it.
  [[nodiscard]] std::string take(const Ring::Completion& completion);

  [[nodiscard]] io_uring_sqe& entry() noexcept { return *ring_.next_entry(0); }
  /// Submits, and collects what completes without waiting for anybody.
  std::vector<Ring::Completion> run();
  /// Submits only. \returns what the queue holds then
  std::vector<Ring::Completion> submit();
  [[nodiscard]] Ring& ring() noexcept { return ring_; }

 private:
  [[nodiscard]] std::vector<Ring::Completion> completions();

  Ring ring_;
  std::byte* buffer_page_ = nullptr;
  std::vector<char> memory_;
  std::vector<std::uint32_t> used_;
  std::uint32_t buffer_bytes_ = 0;
  std::uint16_t tail_ = 0;
};

struct SocketPair {
  OwnedFd ours;
  OwnedFd theirs;
};

[[nodiscard]] Result<SocketPair> make_unix_pair();
/// Over loopback.
[[nodiscard]] Result<SocketPair> make_tcp_pair();
/// Datagram sockets over loopback, `theirs` connected to `ours`.
[[nodiscard]] Result<SocketPair> make_udp_pair();
/// A listening Unix socket without a name in the file system, and a client of it.
[[nodiscard]] Result<OwnedFd> listen_unix();
[[nodiscard]] Result<OwnedFd> connect_unix(int listener);

/// All bytes, which must fit into the socket buffer.
void send_text(int fd, std::string_view text);
/// What has arrived so far.
[[nodiscard]] std::string receive_text(int fd);

}  // namespace weir::reactor
