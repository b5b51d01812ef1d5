// StopAndWait: the tutorial's first cure for messages that run together. The length goes out, the
// sender waits for "ok", then the message follows.
//
//     sender                       receiver
//        | ------ "5" -------------> |     length in decimal digits
//        | <----- "ok" ------------- |
//        | ------ "hello" ---------> |
//        | ------ "12" ------------> |     at once; the receiver knows where "hello" ends
//
// It costs a round trip for each message, and the length itself has no end: only the silence
// after its last digit tells that it is whole. Against peers of our own use LengthPrefix. To be
// safe here, both sides choose LengthEnd::newline: the sender ends the length with one, which the
// Python originals accept (int() ignores it), and the receiver takes nothing else for the end. For
// a peer that writes none the receiver waits `settle_time` for more digits; a network that pauses
// for longer in the middle of them makes a wrong length.
//
// Both sides are state machines without clock or socket: bytes and the present time come in,
// bytes, messages and the next deadline come out. After an error the connection is of no more use.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "weir/base/chain.h"
#include "weir/base/error.h"
#include "weir/base/result.h"

namespace weir::protocols {

enum class LengthEnd : std::uint8_t {
  none,    ///< as the tutorial writes it
  newline  ///< "5\n"
};

struct StopAndWaitSenderOptions {
  std::size_t message_bytes_max;
  std::chrono::nanoseconds acknowledgement_timeout;
  LengthEnd length_end = LengthEnd::none;
};

class StopAndWaitSender {
 public:
  using Options = StopAndWaitSenderOptions;
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit StopAndWaitSender(const Options& options) noexcept : options_(options) {}

  /// Begins a message: appends its length to `output`. Error::busy while one is unacknowledged,
  /// frame_too_large over the limit, pool_exhausted; the state is then as before.
  [[nodiscard]] Result<> send(Chain message, TimePoint now, Chain& output);

  /// Takes what arrived. When the acknowledgement is whole, appends the message to `output` and
  /// returns true: the next one may begin. Error::frame_malformed if anything else came.
  [[nodiscard]] Result<bool> receive(Chain& input, Chain& output);

  /// When `expire` is due, if anything is waited for.
  [[nodiscard]] std::optional<TimePoint> deadline() const noexcept { return deadline_; }
  /// Error::deadline_exceeded if the acknowledgement is overdue at `now`.
  [[nodiscard]] Result<> expire(TimePoint now) noexcept;

  [[nodiscard]] bool is_idle() const noexcept { return !message_ && !error_; }

 private:
  std::unexpected<std::error_code> end(Error error) noexcept;

  Options options_;
  std::optional<Chain> message_;  // not acknowledged yet
  std::size_t acknowledged_bytes_ = 0;
  std::optional<TimePoint> deadline_;
  std::optional<Error> error_;
};

struct StopAndWaitReceiverOptions {
  std::size_t message_bytes_max;
  /// How long a length without a newline must stay alone to count as whole. Zero takes what
  /// arrived together, as the tutorial does, and is wrong when the network cuts the digits.
  std::chrono::nanoseconds settle_time;
  /// From the first digit to the last byte of the message.
  std::chrono::nanoseconds message_timeout;
  /// What the peer writes. With `none` a newline is taken too, if it comes before the length has
  /// settled; with `newline` no silence ends a length, and `settle_time` means nothing.
  LengthEnd length_end = LengthEnd::none;
};

class StopAndWaitReceiver {
 public:
  using Options = StopAndWaitReceiverOptions;
  using TimePoint = std::chrono::steady_clock::time_point;

  explicit StopAndWaitReceiver(const Options& options) noexcept : options_(options) {}

  /// Takes what arrived; `nullopt` until a message is whole. Appends acknowledgements to `output`.
  /// Call again while it returns messages. Errors: frame_malformed (no length), frame_too_large,
  /// pool_exhausted.
  [[nodiscard]] Result<std::optional<Chain>> receive(Chain& input, TimePoint now, Chain& output);

  [[nodiscard]] std::optional<TimePoint> deadline() const noexcept;
  /// The deadline passed: a length that has settled is acknowledged (then call `receive`, for an
  /// empty message is whole), a message that is overdue is Error::deadline_exceeded.
  [[nodiscard]] Result<> expire(TimePoint now, Chain& output) noexcept;

  /// The peer ended the stream: Error::end_of_stream inside a length or a message.
  [[nodiscard]] Result<> finish(const Chain& rest) noexcept;

 private:
  enum class State : std::uint8_t { length, message };

  [[nodiscard]] Result<bool> take_digits(Chain& input, TimePoint now);
  [[nodiscard]] Result<> acknowledge(Chain& output) noexcept;
  std::unexpected<std::error_code> end(Error error) noexcept;

  Options options_;
  State state_ = State::length;
  std::size_t length_ = 0;
  std::size_t digits_ = 0;
  std::optional<TimePoint> settles_at_;
  std::optional<TimePoint> message_deadline_;
  std::optional<Error> error_;
};

}  // namespace weir::protocols
