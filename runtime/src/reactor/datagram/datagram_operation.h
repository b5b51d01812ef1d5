// What a shard asks of the kernel for datagram sockets: one source, one one-shot operation, and the
// descriptor that both work on.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "reactor/datagram/datagram_pace.h"
#include "reactor/descriptor.h"
#include "reactor/operation.h"
#include "weir/net/datagram.h"
#include "weir/net/udp_options.h"
#include "weir/net/udp_report.h"

namespace weir::reactor {

/// The last so many of something, until somebody takes them; what they push out is counted.
template <typename T>
class RecentList {
 public:
  static constexpr std::size_t kept_max = 64;

  void push(const T& value, std::uint64_t& dropped_count) {
    if (values_.size() == kept_max) {
      values_.erase(values_.begin());
      ++dropped_count;
    }
    values_.push_back(value);
  }
  [[nodiscard]] bool empty() const noexcept { return values_.empty(); }
  [[nodiscard]] std::optional<T> take() noexcept {
    if (values_.empty()) return std::nullopt;
    const T first = values_.front();
    values_.erase(values_.begin());
    return first;
  }

 private:
  std::vector<T> values_;
};

/// A datagram socket as the reactor sees it. What concerns both directions is here.
struct DatagramDescriptor : Descriptor {
  using Descriptor::Descriptor;

  /// A peer that the kernel refused a train to, with the least size of segment it refused; 0: it
  /// takes none to that peer.
  struct Refusal {
    InternetAddress peer;
    std::size_t segment_bytes = 0;
  };
  /// Those refused longest ago are forgotten, and cost another try.
  static constexpr std::size_t refusals_max = 8;

  [[nodiscard]] bool may_segment(const InternetAddress& peer,
                                 std::size_t segment_bytes) const noexcept {
    if (!segmentation) return false;
    for (std::size_t i = 0; i < refusal_count; ++i) {
      if (refusals[i].peer == peer) return segment_bytes < refusals[i].segment_bytes;
    }
    return true;
  }
  void refuse_segments(const InternetAddress& peer, std::size_t segment_bytes) noexcept {
    for (std::size_t i = 0; i < refusal_count; ++i) {
      if (refusals[i].peer == peer) {
        refusals[i].segment_bytes = segment_bytes;
        return;
      }
    }
    refusals[refusal_next] = {.peer = peer, .segment_bytes = segment_bytes};
    refusal_next = (refusal_next + 1) % refusals_max;
    if (refusal_count < refusals_max) ++refusal_count;
    // So many peers that take none at all, and no room to remember the next one: nobody is asked.
    const auto takes_none = [](const Refusal& refusal) { return refusal.segment_bytes == 0; };
    if (refusal_count == refusals_max && std::ranges::all_of(refusals, takes_none)) {
      segmentation = false;
    }
  }

  bool is_ipv6 = false;
  bool is_connected = false;
  InternetAddress connected_peer;  ///< what others sent is not delivered; none: all are heard
  bool peer_is_mapped = false;     ///< connected to an IPv4 address through an IPv6 socket
  bool has_error_queue = false;
  bool has_send_timestamps = false;
  bool segmentation = true;        ///< UDP_SEGMENT may be used
  bool waits_for_room = false;     ///< epoll: registered for EPOLLOUT
  std::uint8_t traffic_class = 0;  ///< of the socket, for what sends with ECN
  std::array<Refusal, refusals_max> refusals;
  std::size_t refusal_count = 0;
  std::size_t refusal_next = 0;
  RecentList<DatagramError> errors;
  RecentList<SendTimestamp> send_timestamps;
  std::uint32_t drops_seen = 0;    ///< SO_RXQ_OVFL's last value
  std::uint32_t drops_untold = 0;  ///< of those: for the next datagram that is delivered to tell
  UdpStats stats;
};

/// A socket's received datagrams. After `start` the reactor appends to `inbox` and makes the source
/// ready, until it is stopped (`cancel`), the inbox is full, or the socket has an error. It can be
/// started again after each of these. It is made ready too when `errors` or `send_timestamps` of
/// its descriptor have something new. Want of memory is the reactor's business.
class DatagramSource : public Operation {
 public:
  enum class End : std::uint8_t {
    none,     ///< running, or never started
    stopped,  ///< by cancel, or drained as `until_drained` asks
    full,     ///< inbox_bytes >= inbox_bytes_max
    failed    ///< `result` is the -errno
  };
  explicit DatagramSource(DatagramDescriptor& descriptor) noexcept
      : Operation(OperationKind::receive_datagrams, descriptor) {}

  [[nodiscard]] DatagramDescriptor& socket() const noexcept {
    return static_cast<DatagramDescriptor&>(descriptor());
  }
  [[nodiscard]] bool is_full() const noexcept { return inbox_bytes >= inbox_bytes_max; }

  End end = End::none;
  std::vector<DatagramTrain> inbox;
  std::size_t inbox_bytes = 0;  ///< payload and overhead of what is in the inbox
  std::size_t inbox_bytes_max = 0;
  std::uint32_t payload_bytes_max = 0;
  /// start: take what has arrived, wait for nothing, stop. Without memory it is dropped: see
  /// UdpStats::dropped_no_memory.
  bool until_drained = false;

  // For the reactor alone.
  bool has_error_event = false;     ///< the error queue has something
  std::uint8_t messages_hint = 32;  ///< how many datagrams a receive makes room for
  bool expects_large = false;       ///< what came last did not fit a slot: see DatagramWindow
  int failure = 0;                  ///< a negated errno to end with
  std::uint8_t small_receives = 0;  ///< in a row, while large ones are expected
  DatagramPace pace;
};

/// Sends the front of `datagrams`, in order, as many a turn as DatagramSender::Budget says. result:
/// 0 if all were taken or one was refused (see `outcome`), or -ECANCELED. While in flight the
/// datagrams must not change.
class DatagramSendOperation : public Operation {
 public:
  explicit DatagramSendOperation(DatagramDescriptor& descriptor) noexcept
      : Operation(OperationKind::send_datagrams, descriptor) {}

  [[nodiscard]] DatagramDescriptor& socket() const noexcept {
    return static_cast<DatagramDescriptor&>(descriptor());
  }

  void prepare(std::span<const OutgoingDatagram> entries) noexcept {
    datagrams = entries;
    outcome = {};
  }
  [[nodiscard]] bool is_done() const noexcept {
    return outcome.accepted == datagrams.size() || outcome.refused;
  }

  std::span<const OutgoingDatagram> datagrams;
  SendOutcome outcome;
};

}  // namespace weir::reactor
