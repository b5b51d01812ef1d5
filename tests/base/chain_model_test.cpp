// Random operations on chains against the same operations on std::string.
#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "tests/support/seed.h"
#include "weir/base/chain.h"
#include "weir/base/slab_cursor.h"

namespace weir {
namespace {

using test::HomePool;

// A chain and what it must contain.
struct Pair {
  Chain chain;
  std::string model;
};

class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed), pairs_(4) {}

  void step() {
    Pair& pair = any();
    switch (below(15)) {
      case 0:
      case 1:
      case 2:
        append(pair, from_pool());
        break;
      case 3:
        append(pair, from_heap());
        break;
      case 4:
        prepend(pair);
        break;
      case 5:
        split(pair);
        break;
      case 6:
        trim(pair);
        break;
      case 7:
        pop(pair);
        break;
      case 8:
        join(pair);
        break;
      case 9:
        share(pair);
        break;
      case 10:
        pair.chain.swap(any().chain), repair();
        break;
      case 11:
        EXPECT_EQ(as_text(pair.chain.coalesce()), pair.model);
        break;
      case 12:
        search(pair);
        break;
      case 13:
        gather(pair);
        break;
      case 14:
        pair = Pair{};
        break;
    }
    for (const Pair& each : pairs_) check(each);
    if (pairs_[0].model.size() > 20'000) pairs_[0] = Pair{};
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  Pair& any() { return pairs_[below(pairs_.size())]; }

  // Two letters, so that searches find something.
  std::string letters(std::size_t count) {
    std::string text(count, 'a');
    for (char& letter : text) letter = below(2) == 0 ? 'a' : 'b';
    return text;
  }

  Pair from_pool() {
    const std::string text = letters(1 + below(60));
    const std::span<std::byte> tail = cursor_.tail(text.size());
    std::ranges::copy(as_bytes(text), tail.begin());
    return {cursor_.take(text.size()), text};
  }

  Pair from_heap() {
    const std::string text = letters(below(200));
    return {test::heap_buffer(text), text};
  }

  static void append(Pair& pair, Pair more) {
    if (more.chain.buffer_count() == 1) {
      pair.chain.append(more.chain.pop_front());
    } else {
      pair.chain.append(std::move(more.chain));
    }
    pair.model += more.model;
  }

  void prepend(Pair& pair) {
    Pair more = below(2) == 0 ? from_pool() : from_heap();
    if (!more.chain.empty()) pair.chain.prepend(more.chain.pop_front());
    pair.model.insert(0, more.model);
  }

  void split(Pair& pair) {
    const std::size_t at = below(pair.model.size() + 1);
    Pair front{pair.chain.split(at), pair.model.substr(0, at)};
    pair.model.erase(0, at);
    check(front);
    any() = std::move(front);
  }

  void trim(Pair& pair) {
    const std::size_t count = below(pair.model.size() + 1);
    if (below(2) == 0) {
      pair.chain.trim_front(count);
      pair.model.erase(0, count);
    } else {
      pair.chain.trim_back(count);
      pair.model.resize(pair.model.size() - count);
    }
  }

  static void pop(Pair& pair) {
    if (pair.chain.empty()) return;
    const Buffer front = pair.chain.pop_front();
    EXPECT_EQ(as_text(front.bytes()), pair.model.substr(0, front.size()));
    pair.model.erase(0, front.size());
  }

  void join(Pair& pair) {
    Pair& other = any();
    if (&other == &pair) return;
    pair.chain.append(std::move(other.chain));
    pair.model += other.model;
    other.model.clear();
  }

  void share(Pair& pair) {
    Pair copy{pair.chain.share(), pair.model};
    any() = std::move(copy);
  }

  // After chains were swapped the models no longer tell which is whose: take them anew.
  void repair() {
    for (Pair& pair : pairs_) pair.model = pair.chain.to_string();
  }

  void search(Pair& pair) {
    const std::string needle = letters(below(7));
    const std::size_t from = below(pair.model.size() + 2);
    const std::size_t position = pair.model.find(needle, from);

    const auto found = pair.chain.find(needle, from);

    EXPECT_EQ(found.value_or(std::string::npos), position);
    EXPECT_EQ(pair.chain.find(std::byte{'b'}, from).value_or(std::string::npos),
              pair.model.find('b', from));
  }

  void gather(Pair& pair) {
    std::vector<iovec> iov(below(8));
    const std::size_t bytes_max = below(500);
    std::string gathered;
    for (const iovec& entry : std::span(iov).first(pair.chain.iovecs(iov, bytes_max))) {
      gathered.append(static_cast<const char*>(entry.iov_base), entry.iov_len);
    }
    EXPECT_LE(gathered.size(), bytes_max);
    EXPECT_EQ(gathered, pair.model.substr(0, gathered.size()));
  }

  static void check(const Pair& pair) {
    pair.chain.check_invariants();
    ASSERT_EQ(pair.chain, pair.model);
    ASSERT_EQ(pair.chain.size(), pair.model.size());
  }

  std::mt19937_64 random_;
  HomePool pool_{4096};
  SlabCursor cursor_{*pool_};
  std::vector<Pair> pairs_;
};

TEST(ChainModel, BehavesLikeAString) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  for (std::uint64_t round = 0; round < 10; ++round) {
    World world(seed.value() + round);

    for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) world.step();
  }
}

}  // namespace
}  // namespace weir
