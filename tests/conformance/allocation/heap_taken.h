// What the heap has given so far: through weir's own door, and through operator new.
#pragma once

#include <cstdint>

#include "tests/conformance/allocation/new_counter.h"
#include "weir/base/allocate.h"

namespace weir::test {

struct HeapTaken {
  std::uint64_t blocks = 0;
  std::uint64_t news = 0;

  static HeapTaken now() { return {.blocks = allocation_count(), .news = new_count()}; }
};

}  // namespace weir::test
