// A thousand peers announce eight megabytes each and send no more: nobody takes memory for what
// has only been announced.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/wire_text.h"
#include "weir/base/allocate.h"
#include "weir/base/slab_cursor.h"
#include "weir/protocols/cobs.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::protocols {
namespace {

using test::hex;
using test::HomePool;

constexpr std::size_t peers_count = 1000;
constexpr std::size_t announced_bytes = std::size_t{8} << 20;

template <typename C>
struct Peer {
  Deframer<C> deframer;
  Chain inbox;
};

/// What arrives lies in slabs that the peers share, as a shard's streams share theirs.
/// \returns the allocations of decoding.
template <typename MakeCodec>
std::uint64_t announce_to_all(HomePool& pool, MakeCodec make, std::string_view header) {
  SlabCursor received(*pool);
  std::vector<Peer<decltype(make())>> peers;
  peers.reserve(peers_count);
  for (std::size_t i = 0; i < peers_count; ++i) {
    const auto room = received.tail(header.size());
    std::copy_n(as_bytes(header).data(), header.size(), room.data());
    peers.push_back({Deframer(make()), Chain(received.take(header.size()))});
  }
  const std::size_t bytes_before = pool->stats().total_bytes;
  const std::uint64_t allocations_before = allocation_count();

  for (auto& peer : peers) {
    const auto frame = peer.deframer.next(peer.inbox);
    EXPECT_TRUE(frame.has_value() && !*frame);
  }

  EXPECT_EQ(pool->stats().total_bytes, bytes_before);
  EXPECT_LE(bytes_before, peers_count * header.size() + 2 * HomePool::slab_bytes);
  return allocation_count() - allocations_before;
}

TEST(AnnouncedLength, TakesNoMemoryOfAnyCodec) {
  HomePool pool;
  constexpr std::size_t limit = announced_bytes + 64;
  const auto length_prefix = [] {
    return LengthPrefix::create({.frame_bytes_max = limit}).value();
  };
  const auto varint = [] { return VarintPrefix({.payload_bytes_max = limit}); };
  const auto json = [] { return JsonHeader({.header_bytes_max = 64, .payload_bytes_max = limit}); };
  const auto long_json = [] {
    return JsonHeader({.header_bytes_max = limit, .payload_bytes_max = limit});
  };
  const auto cobs = [] { return Cobs::create({.payload_bytes_max = limit}).value(); };

  EXPECT_EQ(announce_to_all(pool, length_prefix, hex("00800000")), 0U);
  EXPECT_EQ(announce_to_all(pool, varint, hex("80808004")), 0U);
  EXPECT_EQ(announce_to_all(pool, long_json, hex("00008000")), 0U);  // a header of that size
  EXPECT_EQ(announce_to_all(pool, cobs, hex("ff")), 0U);             // 254 bytes of a block
  // The header itself is kept, and parsed: a string and what the parser needs, not the payload.
  EXPECT_LE(announce_to_all(pool, json, hex("J'{\"data_size\": 8388608}'")), 20 * peers_count);
}

}  // namespace
}  // namespace weir::protocols
