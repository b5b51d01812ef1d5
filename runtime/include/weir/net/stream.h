// Stream: one connected byte stream, TCP or Unix. What both have in common.
//
//     kernel --> inbox --> read()                  write(), queue() --> out-queue --> kernel
//                bounded: beyond it the kernel's               bounded: high-water mark; all of one
//                window closes                                 turn leaves in one gather
//
// A stream belongs to the shard it was made on. One task reads at a time; any number may write.
//
// Reading. The stream owns its receive source, a reader only subscribes: a read that is cancelled
// or times out loses nothing, what arrives around it is there for the next one. The orderly end of
// the stream is no error: `read` yields an empty chain, `read_into` yields 0, again and again.
//
// Writing. What is queued in a turn leaves at its end in one gather (writev's packet economy
// without Nagle's delay, so Nagle is off by default). "The kernel took it" is not "the peer has
// it".
//
// Closing. Destroying or closing a stream lets the out-queue leave, sends FIN, and then reads and
// drops what still comes until the peer's FIN or a time limit: closing with unread input would make
// the kernel reset the connection and destroy answers on their way (RFC 1122 4.2.2.13, RFC
// 9112 9.6).
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/base/slab.h"
#include "weir/core/suspension.h"
#include "weir/core/timer_queue.h"
#include "weir/net/address.h"

namespace weir {

class Stream;

/// What became of a write: like `Result<void>`, and how far it got.
class [[nodiscard]] WriteResult {
 public:
  WriteResult(std::size_t bytes_taken, std::error_code error) noexcept
      : bytes_taken_(bytes_taken), error_(error) {}

  [[nodiscard]] bool has_value() const noexcept { return !error_; }
  explicit operator bool() const noexcept { return !error_; }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

  /// How many of the write's bytes the kernel took: all of them if there is no error. The others
  /// have left the out-queue; who goes on writing after a cancelled write has to mend the framing.
  [[nodiscard]] std::size_t bytes_taken() const noexcept { return bytes_taken_; }

  // Implicit: a write is returned as the result it is. NOLINTNEXTLINE(google-explicit-constructor)
  operator Result<void>() const noexcept {
    if (error_) return std::unexpected(error_);
    return {};
  }

 private:
  std::size_t bytes_taken_;
  std::error_code error_;
};

namespace detail {

class StreamState;

/// Waits at a stream for bytes, the end or an error.
class StreamReader : public Suspension {
 public:
  enum class Kind : std::uint8_t { any, exactly, into, until };

 protected:
  StreamReader(StreamState* stream, Kind kind, std::size_t bytes) noexcept
      : stream_(stream), bytes_(bytes), kind_(kind) {}
  StreamReader(StreamReader&&) = default;
  ~StreamReader() = default;

  bool ready() noexcept;
  void wait(std::coroutine_handle<> coroutine) noexcept;
  void on_cancel(std::error_code reason) noexcept override;

  friend class StreamState;
  StreamState* stream_;
  std::size_t bytes_;  ///< exactly: how many; into: the destination's size, then the result
  std::error_code error_;
  Kind kind_;
};

class [[nodiscard]] Read final : public StreamReader {
 public:
  Read(StreamState* stream, Kind kind, std::size_t bytes) noexcept
      : StreamReader(stream, kind, bytes) {}
  bool await_ready() noexcept { return ready(); }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }
  Result<Chain> await_resume() noexcept;
};

class [[nodiscard]] ReadInto final : public StreamReader {
 public:
  ReadInto(StreamState* stream, std::span<std::byte> destination) noexcept
      : StreamReader(stream, Kind::into, destination.size()), into_(destination.data()) {}
  bool await_ready() noexcept { return ready(); }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }
  Result<std::size_t> await_resume() noexcept;

 private:
  friend class StreamState;
  std::byte* into_;  ///< null once the kernel has written there
};

/// Takes what arrives until that is enough: the task is resumed once, however often bytes come. The
/// class that says what is enough keeps the result.
class ReadUntil : public StreamReader {
 public:
  /// What it stands in for.
  using Read = detail::Read;

  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }

 protected:
  explicit ReadUntil(const Stream& stream) noexcept;
  ReadUntil(ReadUntil&&) = default;
  ~ReadUntil() = default;

  /// Takes all of `arrived`: at least one byte, or none at the end of the stream, which has to be
  /// enough.
  virtual bool is_enough(Chain& arrived) noexcept = 0;
  /// Why nothing more comes, if so.
  [[nodiscard]] std::error_code error() const noexcept { return error_; }

 private:
  friend class StreamState;
};

/// Waits at a stream's out-queue until the kernel has taken it up to a position.
class StreamWriter : public Suspension {
 protected:
  explicit StreamWriter(StreamState* stream) noexcept : stream_(stream) {}
  StreamWriter(StreamWriter&&) = default;
  ~StreamWriter() = default;

  /// True, with the error set, if nothing may be queued.
  bool refused() noexcept;
  [[nodiscard]] WriteResult write_result() const noexcept { return {bytes_taken_, error_}; }
  void wait(std::coroutine_handle<> coroutine) noexcept;
  void on_cancel(std::error_code reason) noexcept override;

  friend class StreamState;
  StreamState* stream_;
  StreamWriter* next_ = nullptr;
  std::uint64_t begin_ = 0;      ///< position in the stream of this writer's first byte
  std::uint64_t end_ = 0;        ///< resumed when the kernel has taken all up to here
  std::size_t bytes_taken_ = 0;  ///< of this writer's own, when it is resumed
  std::error_code error_;
  bool sends_fin_ = false;  ///< resumed after the end of the stream was sent
};

/// A write of buffers.
class [[nodiscard]] Write final : public StreamWriter {
 public:
  Write(StreamState* stream, Chain&& bytes) noexcept
      : StreamWriter(stream), bytes_(std::move(bytes)) {}
  Write(Write&&) = default;
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }
  WriteResult await_resume() noexcept { return write_result(); }

 private:
  Chain bytes_;
};

/// A write that lends the caller's memory to the out-queue.
class [[nodiscard]] WriteSpan final : public StreamWriter {
 public:
  WriteSpan(StreamState* stream, std::span<const std::byte> bytes) noexcept
      : StreamWriter(stream), bytes_(bytes) {}
  WriteSpan(WriteSpan&& other) noexcept
      : StreamWriter(static_cast<StreamWriter&&>(other)), bytes_(other.bytes_) {}
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }
  WriteResult await_resume() noexcept { return write_result(); }

 private:
  std::span<const std::byte> bytes_;
  BorrowedSlab slab_;
};

/// Flush, drained, shutdown_write: what is awaited besides writes.
class [[nodiscard]] WriterWait final : public StreamWriter {
 public:
  enum class Until : std::uint8_t { flushed, drained, shut_down };
  WriterWait(StreamState* stream, Until until) noexcept : StreamWriter(stream), until_(until) {}
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept { wait(coroutine); }
  Result<void> await_resume() noexcept;

 private:
  Until until_;
};

/// Told once when a stream's descriptor has been closed.
class CloseObserver {
 public:
  virtual void on_closed() noexcept = 0;

 protected:
  ~CloseObserver() = default;

 private:
  friend class StreamState;
  CloseObserver* next_ = nullptr;
};

/// Waits until a stream has closed; not cancellable. Holds a reference to it.
class [[nodiscard]] StreamClose final : public Suspension, private CloseObserver {
 public:
  explicit StreamClose(StreamState* stream) noexcept;
  StreamClose(StreamClose&& other) noexcept;
  ~StreamClose();
  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept;
  Result<void> await_resume() noexcept;

 private:
  void on_cancel(std::error_code) noexcept override {}
  void on_closed() noexcept override { resume_soon(); }
  StreamState* stream_;
};

}  // namespace detail

/// Limits of a stream's queues, in bytes.
struct StreamLimits {
  std::size_t receive_bytes_max = std::size_t{256}
                                  << 10;  ///< inbox; what comes in one delivery on top
  std::size_t high_water_bytes = std::size_t{1} << 20;   ///< `queue` refuses from here on
  std::size_t low_water_bytes = std::size_t{256} << 10;  ///< `drained` resumes at this
};

/// Counted since the stream was made.
struct StreamStats {
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_queued =
      0;                         ///< given to write and queue, less what cancelled writes took back
  std::uint64_t bytes_sent = 0;  ///< taken by the kernel
};

/// Move-only handle. Every member but `valid` needs the stream's own shard. A closed or moved-from
/// stream may be used: what it is asked to do fails with `Error::closed`, and it has no addresses,
/// nothing queued or counted, the default limits and no descriptor (-1). All spans given to it must
/// live until the operation has been awaited.
class Stream {
 public:
  Stream() noexcept = default;
  Stream(Stream&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  Stream& operator=(Stream&& other) noexcept;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  /// Closes as `close` does, in the background. The shard does not end before that has ended.
  ~Stream();

  [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

  /// All that has arrived, at least one byte, without a copy; an empty chain at the end of the
  /// stream. Errors: `Error::busy` while another read waits; `Error::closed`; the socket's
  /// (ECONNRESET ...), after all that came before it has been read.
  [[nodiscard]] detail::Read read() noexcept {
    return {state_, detail::StreamReader::Kind::any, 1};
  }

  /// Exactly `bytes` bytes. The end of the stream before them is `Error::end_of_stream`; what there
  /// was stays and can be had with `read`. \param bytes at most receive_bytes_max:
  /// `Error::limit_exceeded`
  [[nodiscard]] detail::Read read_exactly(std::size_t bytes) noexcept {
    return {state_, detail::StreamReader::Kind::exactly, bytes};
  }

  /// Into the caller's memory, at least one byte: yields how many, 0 at the end of the stream. For
  /// bulk: the kernel writes to `destination` directly. If it is cancelled after bytes arrived it
  /// succeeds.
  [[nodiscard]] detail::ReadInto read_into(std::span<std::byte> destination) noexcept {
    return {state_, destination};
  }

  /// Yields when the kernel has taken every byte. Nothing is copied: a span must live until then
  /// (and be below 4 GiB: `Error::limit_exceeded`). Any number of tasks may write; each write's
  /// bytes stay together.
  [[nodiscard]] detail::Write write(Chain bytes) noexcept { return {state_, std::move(bytes)}; }
  [[nodiscard]] detail::Write write(Buffer bytes) noexcept {
    return {state_, Chain(std::move(bytes))};
  }
  [[nodiscard]] detail::WriteSpan write(std::span<const std::byte> bytes) noexcept {
    return {state_, bytes};
  }
  [[nodiscard]] detail::WriteSpan write(std::string_view text) noexcept {
    return {state_, std::as_bytes(std::span(text))};
  }

  /// Takes all or nothing, waits for nothing; leaves at the end of this turn. A span is copied.
  /// Errors: `Error::out_queue_full` while `queued_bytes()` is at the high-water mark or above:
  /// await `drained`; `Error::pool_exhausted`; `Error::closed`; what an earlier send failed with.
  Result<void> queue(Chain bytes) noexcept;
  Result<void> queue(Buffer bytes) noexcept { return queue(Chain(std::move(bytes))); }
  Result<void> queue(std::span<const std::byte> bytes) noexcept;
  Result<void> queue(std::string_view text) noexcept {
    return queue(std::as_bytes(std::span(text)));
  }

  /// Yields when the kernel has taken all that was queued before.
  [[nodiscard]] detail::WriterWait flush() noexcept {
    return {state_, detail::WriterWait::Until::flushed};
  }
  /// Yields when the out-queue is at the low-water mark or below.
  [[nodiscard]] detail::WriterWait drained() noexcept {
    return {state_, detail::WriterWait::Until::drained};
  }
  /// Flushes, then sends FIN: the peer reads the end of the stream, this side can go on reading.
  /// Nothing may be written from its beginning on; if it is cancelled it can be awaited again.
  [[nodiscard]] detail::WriterWait shutdown_write() noexcept {
    return {state_, detail::WriterWait::Until::shut_down};
  }

  /// In the out-queue, the part in flight included.
  [[nodiscard]] std::size_t queued_bytes() const noexcept;

  /// Ends the stream: waiting readers and later operations get `Error::closed`, the out-queue
  /// leaves, FIN goes out, the descriptor is closed. Yields when all that is done or
  /// `close_timeout` has passed, with the error of the last send if there was one. Not cancellable.
  /// The stream is not valid afterwards; closing it again succeeds.
  [[nodiscard]] detail::StreamClose close() noexcept;

  /// Drops the out-queue and resets the connection (RST): for peers that misbehaved. Not valid
  /// afterwards.
  void abort() noexcept;

  void set_limits(const StreamLimits& limits) noexcept;
  [[nodiscard]] StreamLimits limits() const noexcept;
  [[nodiscard]] StreamStats stats() const noexcept;

  /// SO_SNDBUF and SO_RCVBUF. The kernel doubles the value and caps it (socket(7)); yields what it
  /// made.
  Result<std::size_t> set_send_buffer(std::size_t bytes) noexcept;
  Result<std::size_t> set_receive_buffer(std::size_t bytes) noexcept;
  /// How long closing waits for the out-queue to leave and for the peer's FIN. Default 2 s.
  void set_close_timeout(Duration timeout) noexcept;

  /// Errors: getsockname's; `Error::closed`.
  [[nodiscard]] Result<Address> local_address() const noexcept;
  /// Known for as long as the stream is valid, also after a reset. Errors: getpeername's, ENOTCONN
  /// of a stream that never was connected; `Error::closed`.
  [[nodiscard]] Result<Address> peer_address() const noexcept;

  /// For socket options that have no name here. Do not read, write or close it.
  [[nodiscard]] int native_handle() const noexcept;

  /// For the library: the out-queue, to append to at once what `queue` would take; nullptr if it
  /// would refuse, and says why. Many small frames then become one piece of memory there, without
  /// a chain of their own each.
  [[nodiscard]] Chain* open_queue() noexcept;
  /// For the library: a read that ends when whoever frames the bytes has enough of them.
  using ReadUntil = detail::ReadUntil;
  /// For the library: the handle of a new connection.
  explicit Stream(detail::StreamState* state) noexcept : state_(state) {}

 protected:
  friend class detail::ReadUntil;
  detail::StreamState* state_ = nullptr;
};

}  // namespace weir
