// A waiter for slabs that counts how often it was told of one.
#pragma once

#include "weir/base/pool_waiter.h"

namespace weir::test {

struct CountingWaiter final : PoolWaiter {
  void on_slab_available() noexcept override { ++told_count; }
  int told_count = 0;
};

}  // namespace weir::test
