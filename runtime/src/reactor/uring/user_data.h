// What a completion refers to: the 64 bits that go into a submission and come back.
//
//     63                                   3  2     0
//     +-------------------------------------+--------+
//     | address of an operation, or 0       | tag    |
//     +-------------------------------------+--------+
//
// A pointer suffices, without a generation number: an operation completes only after the kernel
// holds nothing that names it any more, a pending cancel of it included.
#pragma once

#include <bit>
#include <cstdint>

#include "reactor/operation.h"

namespace weir::reactor {

enum class CompletionTag : std::uint8_t {
  operation,  ///< of the operation itself
  cancel,     ///< of the request to cancel it
  wake,       ///< somebody called `wake`; no operation
  alarm,      ///< the alarm went off; no operation
};

class UserData {
 public:
  explicit UserData(std::uint64_t bits) noexcept : bits_(bits) {}
  UserData(CompletionTag tag, const Operation* operation) noexcept
      : bits_(std::bit_cast<std::uintptr_t>(operation) | static_cast<std::uint64_t>(tag)) {
    static_assert(alignof(Operation) > tag_mask);
  }

  [[nodiscard]] std::uint64_t bits() const noexcept { return bits_; }
  [[nodiscard]] CompletionTag tag() const noexcept {
    return static_cast<CompletionTag>(bits_ & tag_mask);
  }
  [[nodiscard]] Operation& operation() const noexcept {
    return *std::bit_cast<Operation*>(static_cast<std::uintptr_t>(bits_ & ~tag_mask));
  }

 private:
  static constexpr std::uint64_t tag_mask = 7;

  std::uint64_t bits_;
};

}  // namespace weir::reactor
