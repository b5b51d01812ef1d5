#include "weir/base/allocate.h"

#include <cstdint>
#include <cstring>
#include <thread>

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Allocate, FramesAreAlignedForEveryStandardType) {
  for (const std::size_t bytes : {1u, 24u, 100u, 5000u, 100'000u}) {
    void* const block = allocate_frame(bytes);

    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignof(std::max_align_t), 0u);
    std::memset(block, 0x55, bytes);
    deallocate_frame(block, bytes);
  }
}

TEST(Allocate, BlocksHaveTheAlignmentAskedFor) {
  for (const std::size_t alignment : {64u, 4096u, 65536u}) {
    void* const block = allocate_block(100'000, alignment);

    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % alignment, 0u);
    std::memset(block, 0x55, 100'000);
    deallocate_block(block, 100'000, alignment);
  }
}

TEST(Allocate, CountsWhatThisThreadTakes) {
  const std::uint64_t before = allocation_count();

  deallocate_frame(allocate_frame(64), 64);
  deallocate_block(allocate_block(4096, 4096), 4096, 4096);
  std::thread([] { deallocate_frame(allocate_frame(64), 64); }).join();

  EXPECT_EQ(allocation_count() - before, 2u);
}

TEST(Allocate, ABlockMayBeGivenBackOnAnotherThread) {
  void* const block = allocate_frame(128);
  std::memset(block, 0x55, 128);

  std::thread([block] { deallocate_frame(block, 128); }).join();
}

}  // namespace
}  // namespace weir
