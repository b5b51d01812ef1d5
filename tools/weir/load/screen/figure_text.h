// Numbers of a screen whose columns must not move: exact while they fit, else rounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::tools::load {

/// `1 200 031`, or `1.2e+10` if that would take more than `columns`.
[[nodiscard]] std::string count_figure(std::uint64_t count, std::size_t columns);

/// `120 003/s`, or `1.2e+10/s` if that would take more than `columns`. Takes any number.
[[nodiscard]] std::string rate_figure(double per_second, std::size_t columns);

/// `41 %`, `0.2 %`. Takes any number.
[[nodiscard]] std::string share_figure(double share);

}  // namespace weir::tools::load
