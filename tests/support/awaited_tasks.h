// Tasks for tests of what awaits tasks.
#pragma once

#include "weir/core/event.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"

namespace weir::test {

inline Task<int> number_after(int rounds, int number) {
  for (; rounds > 0; --rounds) co_await yield();
  co_return number;
}

inline Task<Result<void>> until_cancelled() {
  Event never;
  const Result<void> ended = co_await never.wait();
  co_return ended;
}

}  // namespace weir::test
