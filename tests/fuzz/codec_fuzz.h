// Property of every codec: the frames are a function of the bytes alone. What comes of the input
// byte by byte must come of it whole, and cut at places the input chooses, owned and borrowed, from
// the heap and from the slabs of a pool, in one piece there and in several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/codec_events.h"
#include "weir/base/buffer_pool.h"

namespace weir::test {

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// The first bytes of an input choose the options, the rest is the stream.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* bytes, std::size_t size)
      : rest_(reinterpret_cast<const char*>(bytes), size) {}

  [[nodiscard]] std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto taken = static_cast<std::uint8_t>(rest_[0]);
    rest_.remove_prefix(1);
    return taken;
  }
  [[nodiscard]] bool flag() { return byte() % 2 != 0; }
  [[nodiscard]] std::string rest() const { return std::string(rest_); }

 private:
  std::string_view rest_;
};

[[nodiscard]] inline std::size_t frame_bytes_of(const Events& events) {
  std::size_t bytes = 0;
  for (const std::string& event : events) {
    if (event[0] != 'E' && event[0] != '~' && event != "-") bytes += event.size() / 2;
  }
  return bytes;
}

/// Runs `check` without a pool, then with one, which must have everything back afterwards. One pool
/// for all inputs: to make it takes longer than most of them.
template <typename Check>
void without_and_with_pool(Check check) {
  static BufferPool pool({.budget_bytes = std::size_t{256} << 10, .slab_bytes = 4096});
  check();
  pool.make_current();
  check();
  pool.check_invariants();
  // The one that small pieces are cut from stays.
  require(pool.stats().slabs_application <= 1 && pool.stats().oversize_count == 0);
  pool.clear_current();
}

template <typename MakeCodec>
void fuzz_codec(MakeCodec make, FuzzInput input) {
  const std::size_t piece_bytes = 1 + input.byte() % 32;
  const bool is_ended = input.flag();
  const std::string wire = input.rest();
  std::vector<std::string> single;
  for (const char byte : wire) single.emplace_back(1, byte);
  std::vector<std::string> pieces;
  for (std::size_t at = 0; at < wire.size(); at += piece_bytes) {
    pieces.push_back(wire.substr(at, piece_bytes));
  }

  const Events expected = events_of(make, single, is_ended);

  require(frame_bytes_of(expected) <= wire.size());
  without_and_with_pool([&] {
    for (const Way way : ways()) {
      require(events_of(make, {wire}, is_ended, way) == expected);
      require(events_of(make, pieces, is_ended, way) == expected);
      require(events_of(make, single, is_ended, way) == expected);
    }
  });
}

}  // namespace weir::test
