// The memory of batches goes round: what one batch of a thread has used the next one uses again.
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "weir/net/datagram.h"

namespace weir {
namespace {

/// Batches alive at a time that find memory again: a receive and a few that are being worked on.
constexpr std::size_t lists_max = 8;
/// Larger ones are for bursts and not kept: 4096 trains are some 500 KiB.
constexpr std::size_t capacity_kept_max = 4096;

struct Recycled {
  std::array<std::vector<DatagramTrain>, lists_max> lists;
  std::size_t count = 0;
};
thread_local Recycled recycled_lists;

}  // namespace

std::vector<DatagramTrain> DatagramBatch::recycled() noexcept {
  Recycled& recycled = recycled_lists;
  if (recycled.count == 0) return {};
  return std::move(recycled.lists[--recycled.count]);
}

void DatagramBatch::recycle(std::vector<DatagramTrain>& trains) noexcept {
  trains.clear();
  Recycled& recycled = recycled_lists;
  if (recycled.count == lists_max || trains.capacity() > capacity_kept_max) return;
  recycled.lists[recycled.count++] = std::move(trains);
}

}  // namespace weir
