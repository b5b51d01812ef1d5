#include "weir/protocols/stop_and_wait.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "frame_memory.h"
#include "weir/base/bytes.h"
#include "weir/protocols/byte_cursor.h"

namespace weir::protocols {
namespace {

constexpr std::string_view acknowledgement = "ok";

Result<> append_text(std::string_view text, Chain& output) noexcept {
  Result<Buffer> buffer = detail::allocate_bytes(text.size());
  if (!buffer) return fail(buffer.error());
  std::memcpy(buffer->writable().data(), text.data(), text.size());
  output.append(std::move(*buffer));
  return {};
}

char take_character(Chain& input) noexcept {
  const auto character = static_cast<char>(*input.front().data());
  input.trim_front(1);
  return character;
}

}  // namespace

std::unexpected<std::error_code> StopAndWaitSender::end(Error error) noexcept {
  error_ = error;
  deadline_.reset();
  message_.reset();
  return fail(error);
}

Result<> StopAndWaitSender::send(Chain message, TimePoint now, Chain& output) {
  if (error_) return fail(*error_);
  if (message_) return fail(Error::busy);
  if (message.size() > options_.message_bytes_max) return fail(Error::frame_too_large);

  std::array<char, 24> text;
  char* end = std::to_chars(text.data(), text.data() + text.size(), message.size()).ptr;
  if (options_.length_end == LengthEnd::newline) *end++ = '\n';
  if (auto appended = append_text({text.data(), end}, output); !appended) return appended;
  message_.emplace(std::move(message));
  acknowledged_bytes_ = 0;
  deadline_ = now + options_.acknowledgement_timeout;
  return {};
}

Result<bool> StopAndWaitSender::receive(Chain& input, Chain& output) {
  if (error_) return fail(*error_);
  while (!input.empty()) {
    // Nothing is acknowledged that was not sent, and nothing follows an acknowledgement.
    if (!message_ || take_character(input) != acknowledgement[acknowledged_bytes_]) {
      return end(Error::frame_malformed);
    }
    if (++acknowledged_bytes_ < acknowledgement.size()) continue;
    output.append(std::move(*message_));
    message_.reset();
    deadline_.reset();
    if (!input.empty()) return end(Error::frame_malformed);
    return true;
  }
  return false;
}

Result<> StopAndWaitSender::expire(TimePoint now) noexcept {
  if (error_) return fail(*error_);
  if (deadline_ && now >= *deadline_) return end(Error::deadline_exceeded);
  return {};
}

std::unexpected<std::error_code> StopAndWaitReceiver::end(Error error) noexcept {
  error_ = error;
  settles_at_.reset();
  message_deadline_.reset();
  return fail(error);
}

// Takes digits off the front. \returns true when the length is whole.
Result<bool> StopAndWaitReceiver::take_digits(Chain& input, TimePoint now) {
  while (!input.empty()) {
    const char character = take_character(input);
    if (character == '\n' && digits_ != 0) return true;
    const bool has_leading_zero = digits_ != 0 && length_ == 0;
    if (character < '0' || character > '9' || has_leading_zero) return end(Error::frame_malformed);
    const auto digit = static_cast<std::size_t>(character - '0');
    const std::size_t most = options_.message_bytes_max;
    if (length_ > most / 10 || digit > most - 10 * length_) return end(Error::frame_too_large);
    length_ = 10 * length_ + digit;
    if (digits_++ == 0) message_deadline_ = now + options_.message_timeout;
    if (options_.length_end == LengthEnd::none) settles_at_ = now + options_.settle_time;
  }
  return settles_at_ && options_.settle_time <= std::chrono::nanoseconds::zero();
}

Result<> StopAndWaitReceiver::acknowledge(Chain& output) noexcept {
  if (auto appended = append_text(acknowledgement, output); !appended) {
    return end(Error::pool_exhausted);
  }
  state_ = State::message;
  settles_at_.reset();
  return {};
}

Result<std::optional<Chain>> StopAndWaitReceiver::receive(Chain& input, TimePoint now,
                                                          Chain& output) {
  if (error_) return fail(*error_);
  if (state_ == State::length) {
    const Result<bool> is_whole = take_digits(input, now);
    if (!is_whole) return fail(is_whole.error());
    if (!*is_whole) return std::nullopt;
    if (const auto acknowledged = acknowledge(output); !acknowledged) {
      return fail(acknowledged.error());
    }
  }
  if (input.size() < length_) return std::nullopt;

  state_ = State::length;
  digits_ = 0;
  message_deadline_.reset();
  return input.split(std::exchange(length_, 0));
}

std::optional<StopAndWaitReceiver::TimePoint> StopAndWaitReceiver::deadline() const noexcept {
  if (settles_at_ && message_deadline_) return std::min(*settles_at_, *message_deadline_);
  return settles_at_ ? settles_at_ : message_deadline_;
}

Result<> StopAndWaitReceiver::expire(TimePoint now, Chain& output) noexcept {
  if (error_) return fail(*error_);
  if (message_deadline_ && now >= *message_deadline_) return end(Error::deadline_exceeded);
  if (settles_at_ && now >= *settles_at_) return acknowledge(output);
  return {};
}

Result<> StopAndWaitReceiver::finish(const Chain& rest) noexcept {
  if (error_) return fail(*error_);
  const bool is_between = state_ == State::length && digits_ == 0 && rest.empty();
  if (!is_between) return end(Error::end_of_stream);
  return {};
}

}  // namespace weir::protocols
