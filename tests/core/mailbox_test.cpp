#include "weir/core/mailbox.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <thread>

#include <gtest/gtest.h>

namespace weir::detail {
namespace {

class Letter final : public Mail {
 public:
  void deliver() noexcept override {}
};

TEST(MailRing, HandsOverInOrderAcrossItsEnd) {
  MailRing ring;
  std::array<Letter, MailRing::capacity> letters;

  for (std::size_t round = 0; round < 3; ++round) {
    EXPECT_EQ(ring.pop(), nullptr);
    const std::size_t count = MailRing::capacity - round * 100;
    for (std::size_t index = 0; index < count; ++index) ring.push(letters[index]);
    for (std::size_t index = 0; index < count; ++index) ASSERT_EQ(ring.pop(), &letters[index]);
  }

  EXPECT_EQ(ring.pop(), nullptr);
}

TEST(MailRing, HandsOverBetweenTwoThreads) {
  constexpr std::size_t count = 1'000'000;
  MailRing ring;
  std::array<Letter, 64> letters;
  std::atomic<std::size_t> received = 0;

  std::thread sender([&] {
    for (std::size_t index = 0; index < count; ++index) {
      while (index - received.load(std::memory_order_acquire) >= MailRing::capacity) {
        std::this_thread::yield();
      }
      ring.push(letters[index % 64]);
    }
  });
  std::size_t in_order = 0;
  for (std::size_t index = 0; index < count;) {
    const Mail* const mail = ring.pop();
    if (mail == nullptr) {
      std::this_thread::yield();
      continue;
    }
    in_order += mail == &letters[index % 64] ? 1 : 0;
    received.store(++index, std::memory_order_release);
  }
  sender.join();

  EXPECT_EQ(in_order, count);
}

TEST(MailRingDeathTest, TakesNoMoreThanItsCapacity) {
  MailRing ring;
  Letter letter;
  for (std::size_t index = 0; index < MailRing::capacity; ++index) ring.push(letter);

  EXPECT_DEATH(ring.push(letter), "capacity");
}

}  // namespace
}  // namespace weir::detail
