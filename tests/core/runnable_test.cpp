#include "weir/core/runnable.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <random>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"

namespace weir {
namespace {

using ::testing::ElementsAre;

class Numbered final : public Runnable {
 public:
  Numbered(int number, std::vector<int>& log) : number_(number), log_(log) {}
  void run() noexcept override {
    log_.push_back(number_);
    if (again != nullptr) std::exchange(again, nullptr)->push(*this);
  }

  ReadyQueue* again = nullptr;  ///< pushes itself there once more

 private:
  const int number_;
  std::vector<int>& log_;
};

void run_all(ReadyQueue& queue) {
  while (!queue.empty()) queue.pop().run();
}

TEST(ReadyQueue, RunsInTheOrderOfPushing) {
  std::vector<int> log;
  ReadyQueue queue;
  Numbered a(1, log);
  Numbered b(2, log);
  Numbered c(3, log);

  for (Numbered* runnable : {&b, &a, &c}) queue.push(*runnable);
  EXPECT_EQ(queue.size(), 3U);
  EXPECT_TRUE(c.queued());
  run_all(queue);

  EXPECT_THAT(log, ElementsAre(2, 1, 3));
  EXPECT_FALSE(c.queued());
  EXPECT_EQ(queue.size(), 0U);
}

TEST(ReadyQueue, TakesBackWhatItIsRunning) {
  std::vector<int> log;
  ReadyQueue queue;
  Numbered a(1, log);
  Numbered b(2, log);
  a.again = &queue;

  queue.push(a);
  queue.push(b);
  run_all(queue);

  EXPECT_THAT(log, ElementsAre(1, 2, 1));
}

TEST(ReadyQueue, RunsWhatDestroysItself) {
  class Last final : public Runnable {
   public:
    explicit Last(std::unique_ptr<Last>& owner) : owner_(owner) {}
    void run() noexcept override { owner_.reset(); }

   private:
    std::unique_ptr<Last>& owner_;
  };
  ReadyQueue queue;
  std::unique_ptr<Last> last;
  last = std::make_unique<Last>(last);

  queue.push(*last);
  run_all(queue);

  EXPECT_EQ(last, nullptr);
}

TEST(ReadyQueue, BehavesAsADequeDoes) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  std::vector<int> log;
  std::deque<Numbered> runnables;
  for (int number = 0; number < 12; ++number) runnables.emplace_back(number, log);
  ReadyQueue queue;
  std::deque<Numbered*> model;

  for (int step = 0; step < 20'000; ++step) {
    Numbered& chosen = runnables[random() % runnables.size()];
    if (chosen.queued()) {
      queue.remove(chosen);
      std::erase(model, &chosen);
    } else {
      queue.push(chosen);
      model.push_back(&chosen);
    }
    if (random() % 3 == 0 && !model.empty()) {
      ASSERT_EQ(&queue.pop(), model.front());
      model.pop_front();
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_EQ(queue.empty(), model.empty());
    for (Numbered& runnable : runnables) {
      ASSERT_EQ(runnable.queued(), std::find(model.begin(), model.end(), &runnable) != model.end());
    }
  }

  run_all(queue);
}

TEST(RunnableDeathTest, IsQueuedOnceAndStaysWhereItIs) {
  std::vector<int> log;
  ReadyQueue queue;
  Numbered a(1, log);
  queue.push(a);

  EXPECT_DEATH(queue.push(a), "queued");
  EXPECT_DEATH(const Numbered moved(std::move(a)), "queued");
  EXPECT_DEATH(std::destroy_at(&a), "queued");
  run_all(queue);
}

}  // namespace
}  // namespace weir
