// DatagramFlight: the datagrams of one socket from writing to their echo, or to giving them up.
//
//     0                        24                             datagram_bytes
//     +------------------------+------------------------------+
//     | DatagramHeader         | fill_payload of (stream id,  |
//     | stream, number, time   |   number and send time)      |
//     +------------------------+------------------------------+
//
// The pattern depends on the header, so a bit that changes anywhere is found, as long as there is
// payload. Of a datagram that is a bare header, only what contradicts the stream is found.
//
// A number is lost when its echo has not come `lost_after` after it was sent, or at most a
// sixteenth of that later: times are kept for batches of numbers, not for each. An echo that comes
// after that is late. A damaged echo answers nothing: its number becomes lost, too.
//
// No clock, no I/O.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

#include "weir/protocols/datagram_sequence.h"

namespace weir::tools::load {

/// What came back.
enum class Echo : std::uint8_t {
  answer,     ///< the first right echo of a datagram that was waited for
  duplicate,  ///< another one
  late,       ///< of a datagram that was given up
  damaged,    ///< of this stream, but not what was sent
  foreign,    ///< of another stream, or of another protocol
};

struct EchoReceived {
  Echo echo = Echo::foreign;
  std::chrono::nanoseconds latency{};  ///< of an answer: since the send time in its header
};

struct DatagramFlightOptions {
  std::uint32_t stream_id;
  std::size_t datagram_bytes;  ///< at least DatagramHeader::wire_bytes
  std::chrono::nanoseconds lost_after;
  /// As DatagramSequenceOptions has it: what is so far behind the newest echo is lost earlier.
  std::uint32_t window_datagrams;
};

/// Datagrams that nobody has decided about, and how long they have been under way at least: as for
/// losses, times are those of batches.
struct DatagramsPending {
  std::uint64_t count = 0;
  std::chrono::nanoseconds age{};

  bool operator==(const DatagramsPending&) const = default;
};

/// Invariant: sent() == answered + lost + outstanding()
class DatagramFlight {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  explicit DatagramFlight(const DatagramFlightOptions& options);

  /// What is written from now on leaves at `now`, which never goes back.
  void begin_batch(Nanoseconds now);
  /// Writes the next datagram over `out`, which has its size. `send_time` is what latency counts
  /// from: at most `now`, earlier if the datagram was due earlier.
  void write_next(Nanoseconds send_time, std::span<std::byte> out);
  /// The last `count` datagrams written were not sent after all; their numbers are used again. No
  /// `expire` may come between writing and this.
  void take_back(std::uint64_t count) noexcept;

  EchoReceived receive(std::span<const std::byte> datagram, Nanoseconds now);

  /// Gives up what is overdue at `now`.
  void expire(Nanoseconds now) noexcept;
  /// Gives up everything.
  void finish() noexcept { sequence_.give_up_before(sent_); }

  [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
  [[nodiscard]] std::uint64_t outstanding() const noexcept;
  /// What is outstanding at `now`, the oldest first.
  [[nodiscard]] std::vector<DatagramsPending> pending(Nanoseconds now) const;
  [[nodiscard]] protocols::DatagramCounts counts() const noexcept { return sequence_.counts(); }
  [[nodiscard]] std::uint64_t damaged() const noexcept { return damaged_; }
  [[nodiscard]] std::uint64_t foreign() const noexcept { return foreign_; }
  /// What was wrong with the last damaged or foreign one, in words.
  [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

 private:
  struct Batch {
    std::uint64_t first_number;
    Nanoseconds began_at;
    Nanoseconds ended_at;  ///< of its newest: nothing is given up too early
  };

  [[nodiscard]] EchoReceived refuse(Echo echo, std::string complaint);

  DatagramFlightOptions options_;
  protocols::DatagramSequence sequence_;
  std::deque<Batch> batches_;  ///< a sixteenth of `lost_after` long, so about 17
  Nanoseconds oldest_send_time_{INT64_MAX};
  std::uint64_t sent_ = 0;
  std::uint64_t damaged_ = 0;
  std::uint64_t foreign_ = 0;
  std::string complaint_;
};

}  // namespace weir::tools::load
