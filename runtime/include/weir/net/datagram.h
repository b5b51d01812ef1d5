// Datagrams: what a UDP socket receives and sends. Batches are the unit.
//
//     DatagramBatch   | train | train | train |         what one `receive` yields
//     DatagramTrain   payload of one datagram, or of several that the kernel joined (GRO):
//                     |== segment ==|== segment ==|= last =|     all but the last of equal size
//     Datagram        a view of one of them
//
// Iterating over a batch yields every datagram, however they came; nothing is copied. Who forwards
// trains whole iterates over `trains()` instead.
//
// udp(7), ip(7), ipv6(7); UDP_GRO and UDP_SEGMENT: Linux 5.0 and 4.18, net/ipv4/udp.c.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "weir/base/buffer.h"
#include "weir/net/internet_address.h"

namespace weir {

/// Explicit congestion notification, RFC 3168: the two low bits of the traffic class.
enum class Ecn : std::uint8_t { not_capable = 0, capable_1 = 1, capable_0 = 2, congested = 3 };

/// What one receive of the kernel brought. What an option has to ask for (UdpOptions) is zero
/// without it.
struct DatagramTrain {
  Buffer payload;         ///< one datagram, which may be empty, or several of `segment_bytes`
  InternetAddress peer;   ///< who sent it
  InternetAddress local;  ///< where it was sent to, port 0; none unless asked for
  std::uint32_t wire_bytes = 0;     ///< as it was on the wire: larger than the payload if truncated
  std::uint32_t segment_bytes = 0;  ///< 0: one datagram; else each but the last has so many bytes
  std::uint32_t interface_index = 0;  ///< it came in at; 0 unless asked for
  /// Lost to a full socket buffer between the last one delivered and this.
  std::uint32_t drops_since = 0;
  std::chrono::nanoseconds timestamp{
      0};                          ///< when the kernel got it, since the epoch; 0 unless asked
  std::uint8_t traffic_class = 0;  ///< TOS or traffic class, ECN included
  std::uint8_t hop_limit = 0;      ///< TTL or hop limit
  bool truncated = false;          ///< the end is lost: it was larger than payload_bytes_max

  [[nodiscard]] Ecn ecn() const noexcept { return static_cast<Ecn>(traffic_class & 3U); }
  [[nodiscard]] std::size_t datagram_count() const noexcept {
    if (segment_bytes == 0 || payload.empty()) return 1;
    return (payload.size() + segment_bytes - 1) / segment_bytes;
  }
};

/// One datagram of a batch: a view, valid as long as the batch.
class Datagram {
 public:
  [[nodiscard]] std::span<const std::byte> payload() const noexcept {
    return train_->payload.bytes().subspan(offset_, size_);
  }
  /// The payload with a reference of its own, which outlives the batch. It keeps a slab, up to
  /// 64 KiB, from being reused: copy what is small and stays.
  [[nodiscard]] Buffer share() const noexcept { return train_->payload.slice(offset_, size_); }

  [[nodiscard]] const InternetAddress& peer() const noexcept { return train_->peer; }
  [[nodiscard]] const InternetAddress& local() const noexcept { return train_->local; }
  [[nodiscard]] std::uint32_t interface_index() const noexcept { return train_->interface_index; }
  [[nodiscard]] Ecn ecn() const noexcept { return train_->ecn(); }
  [[nodiscard]] std::uint8_t traffic_class() const noexcept { return train_->traffic_class; }
  [[nodiscard]] std::uint8_t hop_limit() const noexcept { return train_->hop_limit; }
  [[nodiscard]] bool truncated() const noexcept { return train_->truncated; }
  /// Its size on the wire: of a truncated one larger than the payload.
  [[nodiscard]] std::size_t wire_bytes() const noexcept {
    return train_->segment_bytes == 0 ? train_->wire_bytes : size_;
  }
  [[nodiscard]] std::uint32_t segment_bytes() const noexcept { return train_->segment_bytes; }
  /// Of its train: the kernel has one for all.
  [[nodiscard]] std::chrono::nanoseconds timestamp() const noexcept { return train_->timestamp; }
  /// 0 but for the first of a train.
  [[nodiscard]] std::uint32_t drops_since() const noexcept {
    return offset_ == 0 ? train_->drops_since : 0;
  }
  [[nodiscard]] const DatagramTrain& train() const noexcept { return *train_; }

 private:
  friend class DatagramIterator;
  Datagram(const DatagramTrain& train, std::size_t offset, std::size_t size) noexcept
      : train_(&train),
        offset_(static_cast<std::uint32_t>(offset)),
        size_(static_cast<std::uint32_t>(size)) {}

  const DatagramTrain* train_;
  std::uint32_t offset_;
  std::uint32_t size_;
};

class DatagramIterator {
 public:
  using value_type = Datagram;
  using difference_type = std::ptrdiff_t;
  using iterator_concept = std::input_iterator_tag;

  DatagramIterator() noexcept = default;
  explicit DatagramIterator(const DatagramTrain* train) noexcept : train_(train) {}

  [[nodiscard]] Datagram operator*() const noexcept { return {*train_, offset_, size()}; }
  DatagramIterator& operator++() noexcept {
    offset_ += size();
    if (offset_ >= train_->payload.size()) {
      ++train_;
      offset_ = 0;
    }
    return *this;
  }
  void operator++(int) noexcept { ++*this; }
  [[nodiscard]] bool operator==(const DatagramIterator& other) const noexcept = default;

 private:
  [[nodiscard]] std::size_t size() const noexcept {
    const std::size_t left = train_->payload.size() - offset_;
    const std::size_t segment = train_->segment_bytes;
    return segment == 0 || left < segment ? left : segment;
  }

  const DatagramTrain* train_ = nullptr;
  std::size_t offset_ = 0;
};

/// What has arrived, in order. Move-only. Its memory is used again by later batches of the thread.
class DatagramBatch {
 public:
  DatagramBatch() noexcept = default;
  /// For the library and for tests.
  explicit DatagramBatch(std::vector<DatagramTrain> trains) noexcept : trains_(std::move(trains)) {}
  DatagramBatch(DatagramBatch&& other) noexcept : trains_(std::move(other.trains_)) {}
  DatagramBatch& operator=(DatagramBatch&& other) noexcept {
    std::swap(trains_, other.trains_);
    return *this;
  }
  ~DatagramBatch() {
    if (trains_.capacity() != 0) recycle(trains_);
  }

  [[nodiscard]] bool empty() const noexcept { return trains_.empty(); }
  [[nodiscard]] std::span<const DatagramTrain> trains() const noexcept { return trains_; }
  /// O(trains).
  [[nodiscard]] std::size_t datagram_count() const noexcept {
    std::size_t count = 0;
    for (const DatagramTrain& train : trains_) count += train.datagram_count();
    return count;
  }
  [[nodiscard]] DatagramIterator begin() const noexcept { return DatagramIterator(trains_.data()); }
  [[nodiscard]] DatagramIterator end() const noexcept {
    return DatagramIterator(trains_.data() + trains_.size());
  }

  /// An empty list with memory from an earlier batch, if there is one.
  [[nodiscard]] static std::vector<DatagramTrain> recycled() noexcept;

 private:
  static void recycle(std::vector<DatagramTrain>& trains) noexcept;

  std::vector<DatagramTrain> trains_;
};

/// One entry of what is to be sent: a datagram, or a train of datagrams of equal size.
///
/// Trivially destructible, so safe to write inside a `co_await` expression on GCC 12. The payload
/// must live until the send has been awaited.
struct OutgoingDatagram {
  std::span<const std::byte> payload{};  ///< may be empty: a datagram without payload is one
  InternetAddress peer{};                ///< none on a connected socket
  std::uint32_t segment_bytes =
      0;  ///< not 0: cut into datagrams of so many bytes, the last shorter
  std::uint32_t interface_index = 0;  ///< leave through this interface; 0: as routed
  InternetAddress source{};           ///< from this address of ours; none: the kernel chooses
  /// CLOCK_MONOTONIC time to leave at, for a queueing discipline that keeps to it (fq, etf) on a
  /// socket with `enable_transmit_times`; 0: at once.
  std::chrono::nanoseconds transmit_time{0};
  std::uint8_t hop_limit = 0;  ///< TTL or hop limit; 0: the socket's
  Ecn ecn = Ecn::not_capable;  ///< together with `set_traffic_class`'s upper bits
};

/// How far a send came.
struct SendOutcome {
  std::size_t accepted = 0;   ///< entries of the front that the kernel took whole
  std::size_t datagrams = 0;  ///< that it took, those of an entry taken in part included
  /// Bytes of the next entry, a train, that it took as well: whoever sends the rest skips them.
  std::size_t offset = 0;
  std::error_code refused{};  ///< why not the next one; none if all were accepted

  [[nodiscard]] explicit operator bool() const noexcept { return !refused; }
};

}  // namespace weir
