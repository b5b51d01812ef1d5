// One cell of the Nagle study: what is sent, how, over what, and what came of it.
//
//     exchange   client --[part][part]--> server     one request, then its answer
//                       <----[answer]----
//     one way    client --[message][message]...-->   no answers; each carries when it was due
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/weir/bench/nagle/write_mode.h"
#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::bench {

/// When the receiver acknowledges.
enum class AckMode : std::uint8_t {
  delayed,  ///< as the kernel likes: with an answer, every second segment, or after 40 ms
  quick,    ///< TCP_QUICKACK after each read
};

/// Whether the kernel holds a small segment back while others wait in the device's queue, although
/// TCP_NODELAY is set: the sysctl `tcp_autocorking`.
enum class Autocorking : std::uint8_t { on, off };

/// Where the end of the stream comes.
enum class StreamEnd : std::uint8_t {
  after_answer,       ///< when all is answered, or sent
  with_last_message,  ///< of exchanges: right behind the last request, before its answer
};

/// Longer than anything here takes by itself, shorter than any delayed acknowledgement (40 ms).
inline constexpr std::chrono::milliseconds stall_min{30};

/// Exchanges of a new connection during which the kernel acknowledges at once.
inline constexpr unsigned first_exchanges = 2;

struct CellSpec {
  std::string scenario;  ///< "N1"
  std::string name;      ///< within its scenario: "4 + 60 B"
  WriteMode mode = WriteMode::nagle;
  AckMode acks = AckMode::delayed;
  std::vector<std::size_t> parts;       ///< bytes of each write of a message; at least one, none 0
  std::size_t answer_bytes = 0;         ///< 0: one way
  unsigned depth = 1;                   ///< of exchanges: requests under way
  std::chrono::nanoseconds interval{};  ///< one way: from burst to burst; 0: as fast as it goes
  unsigned burst = 1;                   ///< messages that are due together, if there is an interval
  std::chrono::nanoseconds duration{};  ///< sending ends then
  std::uint64_t messages_max = 0;       ///< or after so many
  std::uint64_t messages_min = 0;       ///< but not before so many
  /// Exchanges at the start whose times are kept apart, as they are of another kind.
  unsigned exchanges_apart = first_exchanges;
  StreamEnd end = StreamEnd::after_answer;  ///< by blocking senders; its `messages_max` is the end
  /// An exchange that takes longer has stalled.
  std::chrono::nanoseconds stall_limit = stall_min;
  Autocorking autocorking = Autocorking::on;
  std::size_t notsent_lowat_bytes = 0;     ///< TCP_NOTSENT_LOWAT; 0: as it is, without bound
  std::size_t batch_bytes = 0;             ///< of WriteMode::batch: sent when it has so many
  std::chrono::nanoseconds batch_delay{};  ///< or so long after its first message was due
  /// TCP_CONGESTION of both ends; empty: that of the study, as in all cells that do not vary it.
  std::string congestion_control{};
  /// One way: while no message is due, writes of so many bytes, as many as go. They count as
  /// messages of the same size, without a time stamp.
  std::size_t bulk_bytes = 0;
  /// Amid bulk: how old messages are counts from then on, when congestion control knows the path.
  std::chrono::nanoseconds settling{};

  [[nodiscard]] std::size_t message_bytes() const noexcept;
  [[nodiscard]] bool is_one_way() const noexcept { return answer_bytes == 0; }
};

/// How it is sent, in a word or two: `nagle, quick ACKs`, `batch 1448 B, 1 ms`.
[[nodiscard]] std::string sender_text(const CellSpec& spec);

/// What one side did for all messages of a cell: the calls that move bytes, and those that sleep
/// until there is something to do. Not what a blocking sender spins for the sake of its timing.
struct SideCounts {
  std::uint64_t system_calls = 0;
  std::chrono::nanoseconds cpu{};
};

struct SenderCounts : SideCounts {
  std::uint64_t messages = 0;
  std::chrono::nanoseconds elapsed{};
  std::uint64_t segments = 0;       ///< with data, of TCP_INFO: what leaves on a wire
  std::uint64_t acks = 0;           ///< segments received without data
  std::uint64_t retransmitted = 0;  ///< segments
  std::string congestion_control;   ///< that was in force, as the kernel tells at the end
  std::uint64_t stalls = 0;         ///< exchanges of more than the cell's `stall_limit`
  load::Histogram first_exchanges;  ///< those that the cell keeps apart
  load::Histogram exchanges;        ///< all others, in ns
};

struct ReceiverCounts : SideCounts {
  std::uint64_t messages = 0;
  std::uint64_t reads = 0;         ///< that brought bytes
  std::uint64_t merged_reads = 0;  ///< that brought parts of several messages
  std::uint64_t cut_messages = 0;  ///< that came in several reads
  load::Histogram ages;            ///< one way, of messages with room for a time stamp, in ns
};

/// How well the relay of a far path kept to time while a cell ran.
struct RelayRecord {
  std::chrono::nanoseconds late_p99{};  ///< of packets, from when they were due
  std::uint64_t packets_lost = 0;
  bool is_realtime = false;  ///< it ran before all ordinary threads
};

struct CellResult {
  SenderCounts sender;
  ReceiverCounts receiver;
  RelayRecord relay{};  ///< zeros where there is none

  /// Exchanges of cells with answers, ages of those without.
  [[nodiscard]] const load::Histogram& latency() const noexcept {
    return receiver.ages.empty() ? sender.exchanges : receiver.ages;
  }
};

/// A message that has room for it begins with the time it was due; 0: nobody wants to know.
inline constexpr std::size_t stamp_bytes = sizeof(std::int64_t);

}  // namespace weir::tools::bench
