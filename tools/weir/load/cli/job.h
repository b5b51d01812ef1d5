// What `weir load` is to do: the first word that is no target.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::tools::load {

enum class Job : std::uint8_t { run, demo, find_max, sweep, compare, report, selftest };

/// `find-max`, ...; none: not a job's name.
[[nodiscard]] std::optional<Job> parse_job(std::string_view word) noexcept;
[[nodiscard]] std::string_view to_text(Job job) noexcept;

}  // namespace weir::tools::load
