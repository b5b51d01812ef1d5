// StreamConnection: one of the connections of a load over TCP or a Unix socket. It connects,
// sends what it is given, checks what comes back, and begins anew when its connection has ended:
// because it broke, or because it was old enough (--reqs-per-conn, --conn-lifetime).
//
// A request that is not answered in time ends its connection: a late answer could not be told from
// the next one, and a client of flesh and blood would not wait either. The others in flight on it
// are given up at their age.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "tools/weir/load/engine/dispatcher.h"
#include "tools/weir/load/engine/timed_request.h"
#include "tools/weir/load/message/dialogue.h"
#include "weir/base/result.h"
#include "weir/core/event.h"
#include "weir/core/task.h"
#include "weir/net/stream.h"

namespace weir::tools::load {

class StreamShard;

/// Invariant: at most `depth` requests are in flight; the oldest is the next to be answered.
class StreamConnection final : public RequestSink {
 public:
  /// \param number  of all connections of the run, from 0
  /// \param shard   outlives the connection
  StreamConnection(std::uint32_t number, StreamShard& shard);

  /// Until the shard stops and all is answered, or cancellation, which gives up what is missing.
  /// The connection outlives the task.
  [[nodiscard]] Task<void> run();
  /// Resumes when the first attempt to connect has ended.
  [[nodiscard]] Task<void> tried();
  /// Whether it succeeded.
  [[nodiscard]] bool was_connected() const noexcept { return was_connected_; }

  void send(const TimedRequest& request) override;
  [[nodiscard]] bool has_room() const noexcept override;

  /// Looks for a request that has waited too long, and for the connection's age.
  void tick(TimePoint now);

 private:
  enum class Opened : std::uint8_t { yes, no, cancelled };

  [[nodiscard]] Task<Opened> open();
  [[nodiscard]] Task<void> converse();
  [[nodiscard]] static Task<void> write_in_two(StreamConnection* self, Chain first, Chain second);
  [[nodiscard]] static Task<void> await_drained(StreamConnection* self);
  void unblock(std::uint64_t epoch);
  [[nodiscard]] static Task<void> think(StreamConnection* self, std::uint64_t answers);
  void note_end(const std::error_code& error);
  void settle(std::uint64_t answers);
  void offer_room();
  [[nodiscard]] bool write(Chain bytes);
  void retire_if_idle() noexcept;
  void give_up_all(TimePoint now, bool is_timeout);
  void fail_all();
  [[nodiscard]] bool is_over() const noexcept;
  void renew_quickack() noexcept;

  std::uint32_t number_;
  StreamShard& shard_;
  std::unique_ptr<Dialogue> dialogue_;
  Stream stream_;
  std::deque<TimedRequest> in_flight_;
  std::uint64_t thinking_ = 0;  ///< places that wait before they send again
  std::uint64_t epoch_ = 0;     ///< which of its connections this is: tasks of an older one stop
  std::uint64_t left_ = 0;      ///< requests that this connection may still get
  TimePoint connected_at_{};
  Duration pause_{};  ///< before the next attempt
  Event tried_;
  bool answered_any_ = false;  ///< since it was connected
  bool was_connected_ = false;
  bool retiring_ = false;  ///< old enough
  bool blocked_ = false;   ///< its out-queue is full, or a request in two is being written
};

}  // namespace weir::tools::load
