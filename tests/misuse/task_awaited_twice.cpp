// A Task is awaited once, so awaiting takes it away from its name.
#include <utility>

#include "weir/core/task.h"

weir::Task<void> await(weir::Task<void> task) {
#ifdef WEIR_MISUSE
  co_await task;
#else
  co_await std::move(task);
#endif
}
