// UdpSocket: datagrams in batches, the same on each backend.
//
//     auto socket = weir::UdpSocket::bind(weir::Address::any(7000));
//     for (;;) {
//       auto batch = co_await socket->receive();            // all that has arrived
//       if (!batch || batch->empty()) break;                 // an error, or the runtime drains
//       for (const weir::Datagram& datagram : *batch) ...
//     }
//
// Receiving joins (UDP_GRO) and sending splits (UDP_SEGMENT) where the kernel can: a train of equal
// datagrams costs little more than one. Where it refuses, the same datagrams go one by one; nothing
// is lost for that, and `stats()` counts it. A socket belongs to its shard.
//
// UDP loses datagrams; weir does not do so silently: see UdpStats for who dropped how many.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "weir/base/result.h"
#include "weir/core/suspension.h"
#include "weir/net/datagram.h"
#include "weir/net/udp_options.h"
#include "weir/net/udp_report.h"

namespace weir {

class UdpSocket;

/// What the kernel granted of a buffer asked for.
struct BufferGrant {
  std::size_t asked_bytes;
  std::size_t granted_bytes;  ///< without the kernel's doubling (socket(7))
  [[nodiscard]] bool is_short() const noexcept { return granted_bytes < asked_bytes; }
};

/// How SO_REUSEPORT spreads datagrams over the sockets of a port (socket(7), classic BPF).
///
/// The kernel chooses once for what it carries as one: a train goes whole to the socket of its
/// first datagram. With `payload` that is wrong for who sends several ids from one port to one
/// peer: his `UdpOptions::send_offload` has to be off where trains stay whole on the way (loopback,
/// veth(4)), and our `receive_offload` behind a network card, where UDP_GRO makes trains of them
/// again.
struct Steering {
  enum class By : std::uint8_t {
    flow,    ///< hash of both addresses and ports: a peer always meets the same socket
    cpu,     ///< the CPU that received it, modulo the sockets
    payload  ///< big-endian number of `bytes` bytes at `offset`, modulo: connection ids
  };
  By by = By::flow;
  std::uint32_t offset = 0;
  std::uint32_t bytes = 1;  ///< 1, 2 or 4
};

namespace detail {

class UdpState;

/// The common part of what waits for something from the receiving side.
class UdpWait : public Suspension {
 public:
  enum class For : std::uint8_t { datagrams, error, send_timestamp };

  bool await_ready() noexcept;
  void await_suspend(std::coroutine_handle<> coroutine) noexcept;

 protected:
  UdpWait(UdpState* socket, For what) noexcept : socket_(socket), what_(what) {}
  friend class UdpState;
  void on_cancel(std::error_code reason) noexcept override;
  void resume_with(std::error_code error) noexcept {
    error_ = error;
    resume_soon();
  }

  UdpState* socket_;
  std::error_code error_;
  For what_;
};

class [[nodiscard]] UdpReceive final : public UdpWait {
 public:
  explicit UdpReceive(UdpState* socket) noexcept : UdpWait(socket, For::datagrams) {}
  Result<DatagramBatch> await_resume() noexcept;
};

class [[nodiscard]] UdpReceiveOne final : public UdpWait {
 public:
  explicit UdpReceiveOne(UdpState* socket) noexcept : UdpWait(socket, For::datagrams) {}
  Result<DatagramTrain> await_resume() noexcept;
};

class [[nodiscard]] UdpNextError final : public UdpWait {
 public:
  explicit UdpNextError(UdpState* socket) noexcept : UdpWait(socket, For::error) {}
  Result<DatagramError> await_resume() noexcept;

 private:
  friend class UdpState;
  void deliver(const DatagramError& told) noexcept {
    told_ = told;
    resume_soon();
  }
  std::optional<DatagramError> told_;
};

class [[nodiscard]] UdpNextSendTimestamp final : public UdpWait {
 public:
  explicit UdpNextSendTimestamp(UdpState* socket) noexcept : UdpWait(socket, For::send_timestamp) {}
  Result<SendTimestamp> await_resume() noexcept;

 private:
  friend class UdpState;
  void deliver(const SendTimestamp& told) noexcept {
    told_ = told;
    resume_soon();
  }
  std::optional<SendTimestamp> told_;
};

/// Sends, and waits only if the socket's buffer is full.
class UdpSendWait : public Suspension {
 public:
  void await_suspend(std::coroutine_handle<> coroutine) noexcept;

 protected:
  explicit UdpSendWait(UdpState* socket) noexcept : socket_(socket) {}
  bool start(std::span<const OutgoingDatagram> datagrams) noexcept;

  friend class UdpState;
  void on_cancel(std::error_code reason) noexcept override;

  UdpState* socket_;
  UdpSendWait* next_ = nullptr;  ///< waits for its turn
  std::span<const OutgoingDatagram> datagrams_;
  SendOutcome outcome_;
};

class [[nodiscard]] UdpSend final : public UdpSendWait {
 public:
  UdpSend(UdpState* socket, std::span<const OutgoingDatagram> datagrams) noexcept
      : UdpSendWait(socket) {
    datagrams_ = datagrams;
  }
  bool await_ready() noexcept { return start(datagrams_); }
  SendOutcome await_resume() const noexcept { return outcome_; }
};

class [[nodiscard]] UdpSendOne final : public UdpSendWait {
 public:
  UdpSendOne(UdpState* socket, const OutgoingDatagram& datagram) noexcept
      : UdpSendWait(socket), datagram_(datagram) {}
  bool await_ready() noexcept { return start({&datagram_, 1}); }
  Result<void> await_resume() const noexcept {
    if (outcome_.refused) return std::unexpected(outcome_.refused);
    return {};
  }

 private:
  OutgoingDatagram datagram_;
};

}  // namespace detail

/// Move-only handle; every member needs the socket's own shard. What its members return is awaited
/// at once, before the socket is closed or moved. Operations on a closed or
/// moved-from socket fail with `Error::closed`.
class UdpSocket {
 public:
  UdpSocket() noexcept = default;
  UdpSocket(UdpSocket&& other) noexcept : state_(std::exchange(other.state_, nullptr)) {}
  UdpSocket& operator=(UdpSocket&& other) noexcept;
  /// Closes.
  ~UdpSocket();

  /// Receives what is sent to `local`; port 0: any free one. Errors: the system's (EADDRINUSE ...),
  /// `Error::address_invalid` for a Unix address, `Error::option_invalid`.
  [[nodiscard]] static Result<UdpSocket> bind(const Address& local, const UdpOptions& options = {});
  /// Talks to `peer` alone: what others send is never delivered, also if it came between bind(2)
  /// and connect(2), which leaves it in the socket (`UdpStats::dropped_strangers`). A peer that is
  /// not there makes receives and sends fail with ECONNREFUSED, once for the ICMP errors that came
  /// since. \param local none: any
  [[nodiscard]] static Result<UdpSocket> connect(const Address& peer,
                                                 const UdpOptions& options = {},
                                                 const Address& local = {});

  [[nodiscard]] bool valid() const noexcept { return state_ != nullptr; }

  /// All that has arrived, at least one datagram; an empty batch once the shard drains and
  /// what had arrived by then has been taken. Cancelling loses nothing. Errors: `Error::busy` while
  /// another receive waits; `Error::closed`; on a connected socket ECONNREFUSED and its like, after
  /// which it can go on.
  [[nodiscard]] detail::UdpReceive receive() noexcept { return detail::UdpReceive(state_); }
  /// One datagram, that is a train of one. `Error::shutting_down` where `receive` yields an empty
  /// batch. Many are cheaper by `receive`.
  [[nodiscard]] detail::UdpReceiveOne receive_one() noexcept {
    return detail::UdpReceiveOne(state_);
  }
  /// What is in the queue, without asking the kernel; may be empty.
  [[nodiscard]] DatagramBatch take_received() noexcept;

  /// Hands all to the kernel, in order; waits while the socket's buffer is full. Runs of equal size
  /// to one peer leave as trains. A shard's sockets send up to 256 messages (datagrams or trains)
  /// or 1 MiB a turn: what is more goes on in the next, so that other tasks have theirs. It stops
  /// at the first one that the kernel refuses (EMSGSIZE, ENETUNREACH, ECONNREFUSED ...): what is
  /// behind it can be sent again. ENOBUFS: the device's queue is full, which the kernel tells only
  /// with UdpOptions::errors. If it is cancelled the outcome says how far it came. Sends of several
  /// tasks take turns.
  [[nodiscard]] detail::UdpSend send(std::span<const OutgoingDatagram> datagrams) noexcept {
    return {state_, datagrams};
  }
  /// One datagram to `peer`. The payload must live until the send has been awaited.
  [[nodiscard]] detail::UdpSendOne send_to(const InternetAddress& peer,
                                           std::span<const std::byte> payload) noexcept {
    return {state_, OutgoingDatagram{.payload = payload, .peer = peer}};
  }
  [[nodiscard]] detail::UdpSendOne send_to(const InternetAddress& peer,
                                           std::string_view payload) noexcept {
    return send_to(peer, std::as_bytes(std::span(payload)));
  }
  /// One datagram to the peer of a connected socket.
  [[nodiscard]] detail::UdpSendOne send(std::span<const std::byte> payload) noexcept {
    return {state_, OutgoingDatagram{.payload = payload}};
  }
  [[nodiscard]] detail::UdpSendOne send(std::string_view payload) noexcept {
    return send(std::as_bytes(std::span(payload)));
  }
  /// As `send`, but where that would wait for room it is refused with EAGAIN. It gives nobody else
  /// a turn, however much it sends.
  [[nodiscard]] SendOutcome try_send(std::span<const OutgoingDatagram> datagrams) noexcept;

  /// The next error that the network reported for a datagram of this socket. The last 64 are kept
  /// until somebody asks. While the receive queue is full errors wait as well. Needs
  /// UdpOptions::errors.
  [[nodiscard]] detail::UdpNextError next_error() noexcept { return detail::UdpNextError(state_); }
  [[nodiscard]] std::optional<DatagramError> take_error() noexcept;
  /// Needs UdpOptions::send_timestamps. The last 64 are kept.
  [[nodiscard]] detail::UdpNextSendTimestamp next_send_timestamp() noexcept {
    return detail::UdpNextSendTimestamp(state_);
  }

  /// Receives and sends that wait end with `Error::closed`; what waits to be read is dropped.
  void close() noexcept;

  /// \name Options: one setsockopt(2) each, whose error they yield.
  /// @{
  /// SO_RCVBUFFORCE where the process may (CAP_NET_ADMIN), else SO_RCVBUF, which the system caps
  /// (net.core.rmem_max).
  Result<BufferGrant> set_receive_buffer(std::size_t bytes) noexcept;
  Result<BufferGrant> set_send_buffer(std::size_t bytes) noexcept;
  /// What there is of the buffer that UdpOptions or the last `set_receive_buffer` asked for, which
  /// is less where the system caps it: `is_short`. Asked 0: nothing, it is the system's.
  [[nodiscard]] Result<BufferGrant> receive_buffer() const noexcept;
  [[nodiscard]] Result<BufferGrant> send_buffer() const noexcept;
  Result<void> set_broadcast(Switch broadcast) noexcept;
  Result<void> set_path_mtu_policy(PathMtuPolicy policy) noexcept;
  /// What the kernel knows of the path to the peer of a connected socket, headers included.
  [[nodiscard]] Result<std::size_t> path_mtu() const noexcept;
  /// TOS or traffic class of what is sent; the two low bits are ECN.
  Result<void> set_traffic_class(std::uint8_t traffic_class) noexcept;
  Result<void> set_hop_limit(std::uint8_t hops) noexcept;
  /// SO_MAX_PACING_RATE: works where the route's queueing discipline is fq.
  Result<void> set_pacing_rate(std::uint64_t bytes_per_second) noexcept;
  /// SO_TXTIME: lets `OutgoingDatagram::transmit_time` count, where the queueing discipline is fq
  /// or etf; others send at once.
  Result<void> enable_transmit_times() noexcept;
  /// For all sockets of this port together (SO_ATTACH_REUSEPORT_CBPF): call it on one of them when
  /// all `sockets` are bound; the i-th to be bound is the i-th.
  Result<void> steer(const Steering& steering, unsigned sockets) noexcept;

  /// Joins a group: a socket hears those that it has joined itself (IP_MULTICAST_ALL is off).
  /// `source` not none: only what this source sends (RFC 4607). Interface 0: as routed. Errors:
  /// ENODEV, EADDRINUSE (joined already), ENOBUFS ...
  Result<void> join(const Address& group, unsigned interface_index = 0,
                    const Address& source = {}) noexcept;
  Result<void> leave(const Address& group, unsigned interface_index = 0,
                     const Address& source = {}) noexcept;
  /// These three are for both families of a dual-stack socket.
  Result<void> set_multicast_loop(Switch loop) noexcept;
  Result<void> set_multicast_hop_limit(std::uint8_t hops) noexcept;
  Result<void> set_multicast_interface(unsigned interface_index) noexcept;
  /// @}

  /// One getsockopt(2): the kernel's drops up to now (SO_MEMINFO, Linux 4.12).
  [[nodiscard]] UdpStats stats() const noexcept;
  [[nodiscard]] Result<Address> local_address() const noexcept;
  /// ENOTCONN unless connected.
  [[nodiscard]] Result<Address> peer_address() const noexcept;
  /// For socket options that have no name here. Do not read, write or close it. -1 if closed.
  [[nodiscard]] int native_handle() const noexcept;

  /// For the library: takes over an open datagram socket that was set up with `options`.
  [[nodiscard]] static UdpSocket adopt(int fd, const Address& peer, const UdpOptions& options);

 private:
  explicit UdpSocket(detail::UdpState* state) noexcept : state_(state) {}
  [[nodiscard]] static Result<UdpSocket> open(const Address& local, const Address& peer,
                                              const UdpOptions& options);
  detail::UdpState* state_ = nullptr;
};

}  // namespace weir
