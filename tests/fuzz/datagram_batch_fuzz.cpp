// Property: the datagrams of a batch are its bytes, in order, each but the last of a train of its
// segment size; and there are as many as it counts.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/base/bytes.h"
#include "weir/net/datagram.h"

namespace datagram_batch_fuzz {
namespace {

using weir::test::FuzzInput;
using weir::test::require;

weir::DatagramBatch draw_batch(FuzzInput& input) {
  std::vector<weir::DatagramTrain> trains;
  const std::size_t count = input.byte() % 16;
  for (std::size_t i = 0; i < count; ++i) {
    weir::DatagramTrain train;
    const std::size_t size = std::size_t{input.byte()} * (input.flag() ? 1 : 257);
    if (size > 0) {
      const std::string text(size, static_cast<char>('a' + i));
      train.payload = weir::Buffer::copy_of(weir::as_bytes(text));
    }
    train.segment_bytes = std::uint32_t{input.byte()} * (input.flag() ? 1 : 257);
    train.drops_since = input.byte();
    trains.push_back(std::move(train));
  }
  return weir::DatagramBatch(std::move(trains));
}

void check_train(const weir::DatagramTrain& train, const std::vector<weir::Datagram>& datagrams) {
  require(datagrams.size() == train.datagram_count());
  const std::byte* next = train.payload.data();
  std::size_t drops = 0;
  for (std::size_t i = 0; i < datagrams.size(); ++i) {
    const auto payload = datagrams[i].payload();
    require(payload.empty() || payload.data() == next);
    require(payload.empty() == train.payload.empty());
    const bool is_last = i + 1 == datagrams.size();
    require(is_last || payload.size() == train.segment_bytes);
    require(train.segment_bytes == 0 || payload.size() <= train.segment_bytes);
    require(std::ranges::equal(datagrams[i].share().bytes(), payload));
    next += payload.size();
    drops += datagrams[i].drops_since();
  }
  require(next == train.payload.data() + train.payload.size());
  require(drops == train.drops_since);
}

}  // namespace

WEIR_FUZZ_TARGET(datagram_batch)(const std::uint8_t* bytes, std::size_t size) {
  FuzzInput input(bytes, size);
  const weir::DatagramBatch batch = draw_batch(input);
  std::vector<std::vector<weir::Datagram>> by_train(batch.trains().size());
  std::size_t count = 0;
  for (const weir::Datagram& datagram : batch) {
    by_train[static_cast<std::size_t>(&datagram.train() - batch.trains().data())].push_back(
        datagram);
    ++count;
  }
  require(count == batch.datagram_count());
  for (std::size_t i = 0; i < by_train.size(); ++i) check_train(batch.trains()[i], by_train[i]);
  return 0;
}

}  // namespace datagram_batch_fuzz
