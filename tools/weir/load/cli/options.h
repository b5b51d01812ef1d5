// What `weir load` was asked to do, checked and typed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/weir/load/cli/target.h"
#include "tools/weir/load/message/message_options.h"
#include "tools/weir/load/plan/arrival.h"
#include "tools/weir/load/plan/rate_shape.h"
#include "tools/weir/load/report/slo.h"
#include "weir/core/backend_report.h"
#include "weir/core/runtime.h"
#include "weir/net/address.h"

namespace weir::tools::load {

enum class ProgressChoice : std::uint8_t {
  automatic,  ///< `screen` on a terminal, else `plain`
  screen,     ///< a few lines that rewrite themselves, 4 times a second
  plain,      ///< one line a second
  none,
};

/// What is expected of the server of a datagram target.
enum class Answers : std::uint8_t {
  echo,  ///< every datagram comes back
  none,  ///< it is a sink
};

/// How the generator waits until a request is due.
enum class Pace : std::uint8_t {
  sleep,   ///< the kernel's timer: cheap, tens of microseconds late
  hybrid,  ///< sleep until shortly before, then poll
  spin,    ///< poll all the time: a whole CPU a shard
};

/// What becomes of a request that is due while no connection is free.
enum class WhenBehind : std::uint8_t { queue, drop };

/// How a request is written.
enum class WritePattern : std::uint8_t {
  whole,          ///< one write, then its answer
  two_then_read,  ///< wwr: two writes, then the answer: what Nagle's algorithm punishes
  two,            ///< ww: two writes, no answer
};

/// Requests are due at times of their own, whatever comes back.
struct OpenLoad {
  RateShape shape;
  Arrival arrival{};
  std::optional<std::string> trace_path{};  ///< instead of the two
};

/// Socket options of every connection; none: the runtime's default.
struct SocketChoice {
  std::optional<bool> nodelay{};
  std::optional<bool> quickack{};
  bool cork = false;
  std::optional<std::size_t> send_buffer_bytes{};
  std::optional<std::size_t> receive_buffer_bytes{};
};

/// How connections come and go.
struct ChurnChoice {
  std::optional<std::uint64_t> requests_per_connection{};
  std::optional<std::chrono::nanoseconds> lifetime{};
  std::optional<double> connects_per_second{};  ///< of all shards together
};

/// Where the results go besides the terminal. "-" is stdout.
struct OutputChoice {
  std::optional<std::string> json_path{};
  std::optional<std::string> hlog_path{};
  std::optional<std::string> csv_path{};
  std::optional<std::string> html_path{};
  std::vector<std::pair<std::string, std::string>> labels{};  ///< --label key=value, as given
};

/// Closed loop: every connection keeps `depth` requests of `message_bytes` unanswered and sends the
/// next when one is answered; to a datagram target also when one is lost. With a rate requests are
/// due at times of their own, whatever comes back.
struct Options {
  Target target;                       ///< the first
  std::vector<Target> more_targets{};  ///< connections take turns
  std::optional<OpenLoad> open{};      ///< none: closed loop
  std::optional<double> rate{};        ///< on average, of all connections; none: closed loop
  std::chrono::nanoseconds lost_after = std::chrono::seconds(1);  ///< datagrams only
  Answers answers = Answers::echo;
  std::uint32_t connections = 8;
  std::uint32_t depth = 1;
  std::size_t message_bytes = 64;  ///< of payload; if sizes vary, the largest
  MessageOptions message{};        ///< streams only
  std::chrono::nanoseconds duration = std::chrono::seconds(10);
  std::optional<std::uint64_t> requests_max{};        ///< -n
  std::optional<std::chrono::nanoseconds> warm_up{};  ///< none: automatic
  std::chrono::nanoseconds think_time{};              ///< closed loop: between answer and request
  /// For connecting, and for an answer, counted from when its request was due.
  std::chrono::nanoseconds timeout = std::chrono::seconds(5);
  WhenBehind when_behind = WhenBehind::queue;
  std::size_t queue_max = 100'000;  ///< requests due without a connection, a shard
  WritePattern pattern = WritePattern::whole;
  Pace pace = Pace::hybrid;
  std::uint64_t seed = 1;
  SocketChoice sockets{};
  ChurnChoice churn{};
  std::uint32_t idle_connections = 0;
  std::vector<Address> sources{};  ///< local addresses that connections take turns with
  bool samples_kernel = false;     ///< kernel round trips, on a connection of their own
  unsigned shards = 1;
  CpuList cpus{};
  Backend backend = Backend::automatic;
  std::vector<SloTerm> slo{};
  std::vector<SloTerm> abort_on{};
  bool is_strict = false;  ///< an untrusted run fails
  OutputChoice output{};
  ProgressChoice progress = ProgressChoice::automatic;
  /// In words: `open loop: 20 000/s poisson over 8 connections, 64 B a message`.
  std::string load_text{};
};

}  // namespace weir::tools::load
