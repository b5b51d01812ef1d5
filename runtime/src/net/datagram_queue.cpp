#include "net/datagram_queue.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "weir/base/assert.h"

namespace weir::detail {
namespace {

/// Read beyond the limit before the overflow policy is applied: one turn of the reactor.
constexpr std::size_t turn_bytes = std::size_t{1} << 20;

/// Trains that have been taken one by one stay in the list until so many are its larger half: to
/// move the others costs no more than to have taken these.
constexpr std::size_t taken_kept_max = 64;

std::size_t cost_of(const DatagramTrain& train) noexcept {
  return train.payload.size() + datagram_overhead_bytes;
}

/// The datagram at `offset` of a train, as a train of one.
DatagramTrain cut(const DatagramTrain& train, std::size_t offset) noexcept {
  const std::size_t left = train.payload.size() - offset;
  const std::size_t size = std::min<std::size_t>(left, train.segment_bytes);
  return {.payload = train.payload.slice(offset, size),
          .peer = train.peer,
          .local = train.local,
          .wire_bytes = static_cast<std::uint32_t>(size),
          .segment_bytes = 0,
          .interface_index = train.interface_index,
          .drops_since = offset == 0 ? train.drops_since : 0,
          .timestamp = train.timestamp,
          .traffic_class = train.traffic_class,
          .hop_limit = train.hop_limit,
          .truncated = false};
}

/// What is left of a train without the `bytes` of its first datagrams.
void cut_front(DatagramTrain& train, std::size_t bytes) noexcept {
  train.payload.trim_front(bytes);
  train.wire_bytes -= static_cast<std::uint32_t>(bytes);
  if (train.payload.size() <= train.segment_bytes) train.segment_bytes = 0;
}

/// What is left of it without the `bytes` of its last ones.
void cut_back(DatagramTrain& train, std::size_t bytes) noexcept {
  train.payload.trim_back(bytes);
  train.wire_bytes -= static_cast<std::uint32_t>(bytes);
  if (train.payload.size() <= train.segment_bytes) train.segment_bytes = 0;
}

/// Bytes of as many first datagrams as it takes to be rid of `excess`; all of the train's if that
/// leaves none.
std::size_t first_bytes(const DatagramTrain& train, std::size_t excess) noexcept {
  const std::size_t size = train.payload.size();
  const std::size_t segment = train.segment_bytes;
  if (segment == 0 || excess >= size) return size;
  return std::min(size, (excess + segment - 1) / segment * segment);
}

/// The same of the last ones.
std::size_t last_bytes(const DatagramTrain& train, std::size_t excess) noexcept {
  const std::size_t size = train.payload.size();
  const std::size_t segment = train.segment_bytes;
  if (segment == 0 || excess >= size) return size;
  return size - (size - excess) / segment * segment;
}

}  // namespace

DatagramQueue::DatagramQueue(reactor::DatagramSource& source, const UdpOptions& options) noexcept
    : source_(source),
      overflow_(options.overflow),
      bytes_max_(std::max<std::size_t>(options.receive_bytes_max, 1)) {
  source_.inbox = DatagramBatch::recycled();
  source_.payload_bytes_max = options.payload_bytes_max;
  source_.inbox_bytes_max = bytes_max_;
  // The others never stop for want of room in the queue.
  if (overflow_ != OverflowPolicy::pause) source_.inbox_bytes_max += turn_bytes;
}

void DatagramQueue::apply_overflow_policy() noexcept {
  if (overflow_ == OverflowPolicy::pause || source_.inbox_bytes <= bytes_max_) return;
  leave_begun();
  if (overflow_ == OverflowPolicy::drop_newest) {
    drop_newest();
  } else {
    drop_oldest();
  }
}

/// Of a train that is taken one by one only the rest is still here.
void DatagramQueue::leave_begun() noexcept {
  if (offset_ == 0) return;
  DatagramTrain& begun = source_.inbox[next_];
  cut_front(begun, offset_);
  begun.drops_since = 0;  // told with the part before
  source_.inbox_bytes -= std::exchange(offset_, 0);
}

/// Datagram by datagram: what stays does not depend on how the kernel has joined them.
void DatagramQueue::drop_newest() noexcept {
  reactor::DatagramDescriptor& socket = source_.socket();
  while (source_.inbox_bytes > bytes_max_ && !empty()) {
    DatagramTrain& newest = source_.inbox.back();
    const std::size_t before = newest.datagram_count();
    const std::size_t bytes = last_bytes(newest, source_.inbox_bytes - bytes_max_);
    if (bytes < newest.payload.size()) {
      cut_back(newest, bytes);
      socket.stats.dropped_newest += before - newest.datagram_count();
      source_.inbox_bytes -= bytes;
      return;
    }
    source_.inbox_bytes -= cost_of(newest);
    socket.stats.dropped_newest += before;
    socket.drops_untold += newest.drops_since;
    source_.inbox.pop_back();
  }
}

void DatagramQueue::drop_oldest() noexcept {
  reactor::DatagramDescriptor& socket = source_.socket();
  std::uint32_t drops_untold = 0;
  while (source_.inbox_bytes > bytes_max_ && !empty()) {
    DatagramTrain& oldest = source_.inbox[next_];
    const std::size_t before = oldest.datagram_count();
    const std::size_t bytes = first_bytes(oldest, source_.inbox_bytes - bytes_max_);
    if (bytes < oldest.payload.size()) {
      cut_front(oldest, bytes);
      socket.stats.dropped_oldest += before - oldest.datagram_count();
      source_.inbox_bytes -= bytes;
      break;
    }
    source_.inbox_bytes -= cost_of(oldest);
    socket.stats.dropped_oldest += before;
    drops_untold += oldest.drops_since;
    oldest.payload = {};
    ++next_;
  }
  // What the kernel lost before these is told with what comes next.
  (empty() ? socket.drops_untold : source_.inbox[next_].drops_since) += drops_untold;
  forget_taken();
}

DatagramBatch DatagramQueue::take_all() noexcept {
  auto& inbox = source_.inbox;
  leave_begun();
  inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
  source_.inbox_bytes = 0;
  return DatagramBatch(std::exchange(inbox, DatagramBatch::recycled()));
}

DatagramTrain DatagramQueue::take_one() noexcept {
  WEIR_ASSERT(!empty());
  DatagramTrain& train = source_.inbox[next_];
  if (train.segment_bytes == 0) {
    source_.inbox_bytes -= cost_of(train);
    DatagramTrain whole = std::move(train);
    step();
    return whole;
  }
  DatagramTrain one = cut(train, offset_);
  offset_ += one.payload.size();
  if (offset_ == train.payload.size()) {
    source_.inbox_bytes -= cost_of(train);
    train.payload = {};
    step();
  }
  return one;
}

void DatagramQueue::step() noexcept {
  ++next_;
  offset_ = 0;
  forget_taken();
}

void DatagramQueue::forget_taken() noexcept {
  auto& inbox = source_.inbox;
  if (next_ < inbox.size() && (next_ < taken_kept_max || next_ < inbox.size() / 2)) return;
  inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = 0;
}

void DatagramQueue::clear() noexcept {
  source_.inbox.clear();
  source_.inbox_bytes = 0;
  next_ = offset_ = 0;
}

}  // namespace weir::detail
