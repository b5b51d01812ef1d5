#include "base/slab_arena.h"

#include <cstring>
#include <set>

#include <gtest/gtest.h>

namespace weir::detail {
namespace {

TEST(SlabArena, HandsOutDistinctAlignedSlabsUpToItsMaximum) {
  SlabArena arena(40, 64 << 10);
  std::set<const std::byte*> addresses;

  while (Slab* const slab = arena.take_cold()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab->data) % (64 << 10), 0u);
    EXPECT_EQ(slab->capacity, 64u << 10);
    std::memset(slab->data, 1, slab->capacity);
    addresses.insert(slab->data);
  }

  EXPECT_EQ(addresses.size(), 40u);
  EXPECT_EQ(arena.slabs().size(), 40u);
}

TEST(SlabArena, HandsOutAgainWhatWasGivenBack) {
  SlabArena arena(2, 4096);
  Slab* const first = arena.take_cold();
  Slab* const second = arena.take_cold();
  ASSERT_EQ(arena.take_cold(), nullptr);
  std::memset(first->data, 1, 4096);

  arena.give_back(*first);

  EXPECT_EQ(first->place, Slab::Place::cold);
  EXPECT_EQ(arena.take_cold(), first);
  EXPECT_EQ(first->data[0], std::byte{0}) << "its pages went back to the system";
  EXPECT_EQ(arena.take_cold(), nullptr);
  EXPECT_NE(second, nullptr);
}

TEST(SlabArena, ReservesAddressSpaceForBudgetsBeyondTheMachine) {
  constexpr std::size_t terabyte = std::size_t{1} << 40;
  SlabArena arena(terabyte / (64 << 10), 64 << 10);

  Slab* const slab = arena.take_cold();

  ASSERT_NE(slab, nullptr);
  std::memset(slab->data, 1, slab->capacity);
}

TEST(SlabArena, OpensSlabsLargerThanItsStep) {
  SlabArena arena(3, 4 << 20);

  for (int i = 0; i < 3; ++i) {
    Slab* const slab = arena.take_cold();
    ASSERT_NE(slab, nullptr);
    slab->data[slab->capacity - 1] = std::byte{1};
  }

  EXPECT_EQ(arena.take_cold(), nullptr);
}

}  // namespace
}  // namespace weir::detail
