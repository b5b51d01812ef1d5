// Counts the constructions and destructions of its objects: for coroutine frames and temporaries,
// which some compilers destroy twice.
#pragma once

#include <utility>

namespace weir::test {

/// Invariant: `alive` is what was constructed minus what was destroyed, moves and copies included.
struct LifeCounts {
  int constructed = 0;
  int destroyed = 0;
  [[nodiscard]] int alive() const noexcept { return constructed - destroyed; }
};

class Counted {
 public:
  explicit Counted(LifeCounts& counts, int value = 0) noexcept : counts_(&counts), number(value) {
    ++counts_->constructed;
  }
  Counted(const Counted& other) noexcept : counts_(other.counts_), number(other.number) {
    ++counts_->constructed;
  }
  Counted(Counted&& other) noexcept : counts_(other.counts_), number(other.number) {
    ++counts_->constructed;
  }
  Counted& operator=(const Counted&) = default;
  ~Counted() { ++counts_->destroyed; }

 private:
  LifeCounts* counts_;

 public:
  int number;
};

}  // namespace weir::test
