// Sockets on loopback to try something out with. The first call that fails is remembered, and what
// follows it does nothing: whoever makes the experiment looks at its end whether it worked.
//
// No wait is longer than a second. The sockets are closed with the experiment. IPv4, no root.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools::doctor {

/// Two sockets, by descriptor; both 0 if they could not be made.
struct Connection {
  int first = 0;   ///< the one that connected
  int second = 0;  ///< the one that accepted, or for UDP was bound first
};

struct TcpCounts {
  int state = 0;  ///< TCP_INFO's number: 1 is ESTABLISHED
  std::int64_t segments_out = 0;
  std::int64_t segments_in = 0;
};

/// `ESTABLISHED`, `FIN_WAIT2` ...; as in /proc/net/tcp.
[[nodiscard]] std::string_view tcp_state_name(int state) noexcept;

/// Numbers of some states: those of TCP_INFO and /proc/net/tcp.
inline constexpr int established = 1;
inline constexpr int fin_wait2 = 5;
inline constexpr int time_wait = 6;
inline constexpr int close_wait = 8;

struct ReceivedToEnd {
  std::int64_t bytes = 0;
  int error = 0;  ///< errno that ended it; 0: the orderly end
};

class Experiment {
 public:
  Experiment() = default;
  Experiment(const Experiment&) = delete;
  Experiment& operator=(const Experiment&) = delete;
  ~Experiment();

  /// What failed first and why: `setsockopt: Operation not permitted`. Empty if nothing did.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }

  /// A new socket, SOCK_STREAM or SOCK_DGRAM, that never blocks.
  int open(int type);
  int listen_tcp();
  /// Yields once the connection is established; nobody need have accepted it.
  int connect_tcp(int listener);
  int accept_tcp(int listener);
  Connection tcp_connection();
  Connection udp_connection();

  std::int64_t option(int fd, int level, int name);
  void set_option(int fd, int level, int name, int value);

  /// One send of `bytes` bytes with `flags`.
  void send(int fd, std::size_t bytes, int flags = 0);
  /// Sends until the kernel takes no more or `bytes_max` are sent. \returns what it took.
  std::int64_t send_until_full(int fd, std::size_t bytes_max);

  void wait_for_input(int fd, std::size_t bytes);
  /// One receive into `bytes` bytes, without waiting; `nullopt` if there is nothing.
  std::optional<std::int64_t> receive(int fd, std::size_t bytes);
  ReceivedToEnd receive_to_end(int fd);

  void end_sending(int fd);
  void close(int fd);

  TcpCounts tcp_counts(int fd);
  /// Waits until `fd` is in `state`. \returns false if it does not get there.
  bool reaches_state(int fd, int state);
  /// The state of the connection from `fd`'s address to its peer's as the kernel lists it, also
  /// after the socket itself has forgotten it; 0 if it lists none.
  int listed_state(const Connection& connection, int fd);

 private:
  bool failed() const noexcept { return !failure_.empty(); }
  bool check(bool worked, std::string_view call);
  int keep(int fd, std::string_view call);
  bool wait_for(int fd, short events);

  std::vector<int> open_;
  std::string failure_;
};

}  // namespace weir::tools::doctor
