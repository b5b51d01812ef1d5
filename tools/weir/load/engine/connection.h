// One connection of a closed loop: keeps `depth` requests unanswered and checks every byte of each
// answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/engine/error_counts.h"
#include "tools/weir/load/engine/interval.h"
#include "tools/weir/load/message/payload_stream.h"
#include "weir/core/task.h"
#include "weir/net/stream.h"

namespace weir::tools::load {

/// Where a connection counts; one for all connections of a shard.
struct Tally {
  Interval interval;
  ErrorCounts errors;
  bool stopping = false;  ///< no new requests

  void add_error(ErrorKind kind, std::string_view example, std::uint64_t n = 1) {
    errors.add(kind, example, n);
    interval.errors += n;
  }
};

/// Invariant: in_flight() <= depth; the oldest unanswered request is the next to be answered.
class Connection {
 public:
  /// `options` and `tally` outlive the connection.
  Connection(std::uint32_t number, Stream stream, const Options& options, Tally& tally);

  /// Until the tally says stop and all is answered, an error (counted), or cancellation, which
  /// counts what is unanswered as timed out. The connection outlives the task. Ends with the stream
  /// closed.
  [[nodiscard]] Task<void> run();

 private:
  [[nodiscard]] std::uint64_t in_flight() const noexcept { return sent_ - answered_; }
  [[nodiscard]] Result<void> send(std::uint64_t count);
  [[nodiscard]] bool receive(const Chain& bytes);
  void note_failure(const std::error_code& error);

  std::uint32_t number_;
  Stream stream_;
  const Options& options_;
  Tally& tally_;
  PayloadStream outgoing_;
  PayloadStream incoming_;
  std::vector<TimePoint> sent_at_;  ///< of unanswered requests, by number modulo depth
  std::uint64_t sent_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace weir::tools::load
