// The library's own errors: one enum, one category. What the kernel reports stays an errno in
// `std::system_category()`; `from_errno` is the only way it gets there.
//
// Compare enums, never text:  `if (result.error() == Error::cancelled)`. Portable conditions work
// as well: `Error::deadline_exceeded` equals `std::errc::timed_out`.
#pragma once

#include <system_error>
#include <type_traits>

namespace weir {

/// Why an operation of the library failed. The value is never 0, which means "no error".
enum class Error : int {
  cancelled = 1,         ///< The operation was cancelled before it completed.
  deadline_exceeded,     ///< The deadline passed before the operation completed.
  end_of_stream,         ///< The peer ended the stream before all that was asked for had arrived.
  closed,                ///< The socket had been closed on this side.
  busy,                  ///< An operation of this kind is already in flight here.
  pool_exhausted,        ///< The shard's buffer budget is spent.
  out_queue_full,        ///< The socket's out-queue is at its limit; wait until it drains.
  address_invalid,       ///< The text is not an address this library understands.
  backend_unavailable,   ///< The requested I/O backend does not work on this system.
  shutting_down,         ///< The runtime is stopping and takes no new work.
  channel_closed,        ///< The other side of the channel is gone.
  too_many_connections,  ///< The connection limit is reached.
  limit_exceeded,        ///< A configured limit was exceeded.
  option_invalid,        ///< An option has a value outside its range.
  unsupported,           ///< This system or backend cannot do that.
  frame_too_large,       ///< A frame is larger than the limit of its codec.
  frame_too_small,       ///< A frame is shorter than the header it must hold.
  frame_malformed,       ///< The bytes of a frame break its encoding.
  length_negative,       ///< The length of a frame is negative.
  length_not_minimal,    ///< The length of a frame is written with more bytes than it needs.
  length_overflow,       ///< The length of a frame has more bits than its format allows.
  checksum_mismatch,     ///< The bytes of a frame do not match its checksum.
  text_not_utf8,         ///< A text is not valid UTF-8.
  header_size_invalid,   ///< The size of a header is not positive, or over its limit.
  header_malformed,      ///< A header is not the one JSON object it must be, or nested too deep.
  header_key_duplicate,  ///< An object of a header has a key twice.
  payload_size_invalid,  ///< A header gives no payload size that is a whole number from 0.
};

/// The category of `Error`. There is one object of it in the process: categories compare by
/// address.
[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(Error error) noexcept {
  return {static_cast<int>(error), error_category()};
}

/// The error for a positive errno value, in `std::system_category()`.
[[nodiscard]] inline std::error_code from_errno(int positive_errno) noexcept {
  return {positive_errno, std::system_category()};
}

}  // namespace weir

template <>
struct std::is_error_code_enum<weir::Error> : std::true_type {};
