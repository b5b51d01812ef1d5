// Datagrams that the kernel did not take, by reason: a service goes on without them, and says so.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

namespace weir::tools::serve {

/// Counts the first `reasons_max` reasons by name, the others together.
class RefusedSends {
 public:
  static constexpr std::size_t reasons_max = 8;

  void add(std::error_code reason, std::uint64_t count = 1) noexcept;
  RefusedSends& operator+=(const RefusedSends& other) noexcept;

  [[nodiscard]] std::uint64_t total() const noexcept;
  /// `3 answers refused (2 Message too long, 1 Operation not permitted)`.
  [[nodiscard]] std::string to_text() const;

 private:
  struct Reason {
    std::error_code error;
    std::uint64_t count = 0;  ///< 0: this place is free, and those after it
  };

  std::array<Reason, reasons_max> reasons_{};
  std::uint64_t others_ = 0;
};

}  // namespace weir::tools::serve
