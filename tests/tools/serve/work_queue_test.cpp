#include "tools/weir/serve/work_queue.h"

#include <gtest/gtest.h>

namespace weir::tools::serve {
namespace {

class SilentClient final : public WorkClient {
 public:
  void answer(Chain) noexcept override {}
};

WorkRequest request_of(SilentClient& client) {
  return {.client = &client, .bytes = {}, .arrival = {}};
}

TEST(WorkQueue, KeepsTheOrderOfArrivalOverAllClients) {
  SilentClient first;
  SilentClient second;
  WorkQueue queue(3);
  for (SilentClient* client : {&first, &second, &first}) {
    ASSERT_TRUE(queue.room.try_acquire());
    queue.push(request_of(*client));
  }

  EXPECT_EQ(queue.front().client, &first);
  EXPECT_EQ(queue.pop().client, &first);
  EXPECT_EQ(queue.pop().client, &second);
  EXPECT_EQ(queue.pop().client, &first);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.longest(), 3U);
}

TEST(WorkQueue, IsFullAtItsBoundUntilARequestIsDone) {
  SilentClient client;
  WorkQueue queue(2);
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(queue.room.try_acquire());
    queue.push(request_of(client));
  }
  EXPECT_FALSE(queue.room.try_acquire());

  (void)queue.pop();

  EXPECT_TRUE(queue.room.try_acquire());
  EXPECT_FALSE(queue.room.try_acquire());
}

TEST(WorkQueue, ForgetsAClientAndKeepsItsRequestsInTheirPlaces) {
  SilentClient gone;
  SilentClient waiting;
  WorkQueue queue(2);
  for (SilentClient* client : {&gone, &waiting}) {
    ASSERT_TRUE(queue.room.try_acquire());
    queue.push(request_of(*client));
  }

  queue.forget(gone);

  EXPECT_EQ(queue.size(), 2U);
  EXPECT_EQ(queue.pop().client, nullptr);
  EXPECT_EQ(queue.pop().client, &waiting);
}

}  // namespace
}  // namespace weir::tools::serve
