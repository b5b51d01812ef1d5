#include "weir/base/error.h"

#include <optional>
#include <string>

namespace weir {
namespace {

const char* sentence(Error error) noexcept {
  switch (error) {
    case Error::cancelled:
      return "the operation was cancelled before it completed";
    case Error::deadline_exceeded:
      return "the deadline passed before the operation completed";
    case Error::end_of_stream:
      return "the peer ended the stream before all bytes had arrived";
    case Error::closed:
      return "the socket had been closed on this side";
    case Error::busy:
      return "an operation of this kind is already in flight";
    case Error::pool_exhausted:
      return "the buffer budget of the shard is spent";
    case Error::out_queue_full:
      return "the out-queue of the socket is at its limit";
    case Error::address_invalid:
      return "the address cannot be understood";
    case Error::backend_unavailable:
      return "the I/O backend does not work on this system";
    case Error::shutting_down:
      return "the runtime is stopping";
    case Error::channel_closed:
      return "the other side of the channel is gone";
    case Error::too_many_connections:
      return "the connection limit is reached";
    case Error::limit_exceeded:
      return "a configured limit was exceeded";
    case Error::option_invalid:
      return "an option has a value outside its range";
    case Error::unsupported:
      return "this system or backend cannot do that";
    case Error::frame_too_large:
      return "the frame is larger than the limit";
    case Error::frame_too_small:
      return "the frame is shorter than the header it must hold";
    case Error::frame_malformed:
      return "the bytes of the frame break its encoding";
    case Error::length_negative:
      return "the length of the frame is negative";
    case Error::length_not_minimal:
      return "the length of the frame is written with more bytes than it needs";
    case Error::length_overflow:
      return "the length of the frame has more bits than the format allows";
    case Error::checksum_mismatch:
      return "the bytes of the frame do not match its checksum";
    case Error::text_not_utf8:
      return "the text is not valid UTF-8";
    case Error::header_size_invalid:
      return "the size of the header is not positive, or over the limit";
    case Error::header_malformed:
      return "the header is not one JSON object, or nested too deep";
    case Error::header_key_duplicate:
      return "an object of the header has a key twice";
    case Error::payload_size_invalid:
      return "the header gives no payload size that is a whole number from 0";
  }
  return "unknown error";
}

// Which errno says the same, for callers that compare with std::errc.
std::optional<std::errc> portable(Error error) noexcept {
  switch (error) {
    case Error::cancelled:
      return std::errc::operation_canceled;
    case Error::deadline_exceeded:
      return std::errc::timed_out;
    case Error::closed:
      return std::errc::bad_file_descriptor;
    case Error::busy:
      return std::errc::device_or_resource_busy;
    case Error::pool_exhausted:
      return std::errc::no_buffer_space;
    case Error::out_queue_full:
      return std::errc::resource_unavailable_try_again;
    case Error::address_invalid:
      return std::errc::invalid_argument;
    case Error::channel_closed:
      return std::errc::broken_pipe;
    case Error::limit_exceeded:
    case Error::frame_too_large:
      return std::errc::message_size;
    case Error::option_invalid:
      return std::errc::invalid_argument;
    case Error::unsupported:
      return std::errc::operation_not_supported;
    case Error::end_of_stream:
    case Error::backend_unavailable:
    case Error::shutting_down:
    case Error::too_many_connections:
    case Error::frame_too_small:
    case Error::frame_malformed:
    case Error::length_negative:
    case Error::length_not_minimal:
    case Error::length_overflow:
    case Error::checksum_mismatch:
    case Error::text_not_utf8:
    case Error::header_size_invalid:
    case Error::header_malformed:
    case Error::header_key_duplicate:
    case Error::payload_size_invalid:
      return std::nullopt;
  }
  return std::nullopt;
}

class ErrorCategory final : public std::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "weir"; }

  [[nodiscard]] std::string message(int value) const override {
    return sentence(static_cast<Error>(value));
  }

  [[nodiscard]] std::error_condition default_error_condition(int value) const noexcept override {
    if (const auto condition = portable(static_cast<Error>(value))) {
      return std::make_error_condition(*condition);
    }
    return {value, *this};
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  // Never destroyed: error codes may be compared while other statics go.
  static const ErrorCategory& category = *new ErrorCategory;
  return category;
}

}  // namespace weir
