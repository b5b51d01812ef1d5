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

/// What is left of it behind `offset`.
void cut_front(DatagramTrain& train, std::size_t offset) noexcept {
  if (offset == 0) return;
  train.payload.trim_front(offset);
  train.drops_since = 0;  // told with the part before
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
  switch (overflow_) {
    case OverflowPolicy::pause:
      return;
    case OverflowPolicy::drop_newest:
      return drop_newest();
    case OverflowPolicy::drop_oldest:
      return drop_oldest();
  }
  WEIR_UNREACHABLE();
}

/// Never what has been taken in part: with that the queue was within its limit once.
void DatagramQueue::drop_newest() noexcept {
  reactor::DatagramDescriptor& socket = source_.socket();
  while (source_.inbox_bytes > bytes_max_ && !empty()) {
    const DatagramTrain& newest = source_.inbox.back();
    source_.inbox_bytes -= cost_of(newest);
    socket.stats.dropped_newest += newest.datagram_count();
    socket.drops_untold += newest.drops_since;
    source_.inbox.pop_back();
  }
}

void DatagramQueue::drop_oldest() noexcept {
  reactor::DatagramDescriptor& socket = source_.socket();
  std::uint32_t drops_untold = 0;
  while (source_.inbox_bytes > bytes_max_ && !empty()) {
    DatagramTrain& oldest = source_.inbox[next_];
    source_.inbox_bytes -= cost_of(oldest);
    cut_front(oldest, offset_);
    socket.stats.dropped_oldest += oldest.datagram_count();
    drops_untold += oldest.drops_since;
    oldest.payload = {};
    ++next_;
    offset_ = 0;
  }
  // What the kernel lost before these is told with what comes next.
  (empty() ? socket.drops_untold : source_.inbox[next_].drops_since) += drops_untold;
  forget_taken();
}

DatagramBatch DatagramQueue::take_all() noexcept {
  auto& inbox = source_.inbox;
  if (offset_ != 0) cut_front(inbox[next_], offset_);
  inbox.erase(inbox.begin(), inbox.begin() + static_cast<std::ptrdiff_t>(next_));
  next_ = offset_ = 0;
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
