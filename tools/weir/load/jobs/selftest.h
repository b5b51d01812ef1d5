// Selftest: the quick form of what docs/load.md claims, on the user's machine.
//
// A group that did not pass is repeated once, with another seed, if the minute has room for that;
// then the second try counts. What lies below its limits is not repeated away: no machine explains
// it.
#pragma once

#include <chrono>
#include <expected>
#include <functional>
#include <string>
#include <vector>

#include "tools/weir/load/jobs/proof.h"
#include "tools/weir/load/jobs/proof_run.h"

namespace weir::tools::load {

enum class SelftestVerdict : std::uint8_t { passed, inconclusive, failed, interrupted };

/// `passed`, ...: also the word in JSON.
[[nodiscard]] std::string_view to_text(SelftestVerdict verdict) noexcept;

struct SelftestResult {
  std::vector<ProofGroup> groups{};
  bool interrupted = false;
  LoadReport last;  ///< for what it says about machine and program
};

[[nodiscard]] SelftestVerdict verdict_of(const SelftestResult& result) noexcept;

/// No more is begun that would not end by then.
inline constexpr std::chrono::seconds selftest_limit(58);

struct SelftestTools {
  ProofRunner run{};
  std::function<std::chrono::nanoseconds()> elapsed{};          ///< since it began
  std::function<void(const std::string& what)> told = nullptr;  ///< what is measured next
};

/// \param base  seed and backend of the runs
/// \returns     the error of the runner
[[nodiscard]] std::expected<SelftestResult, std::string> selftest(const Options& base,
                                                                  const SelftestTools& tools);

}  // namespace weir::tools::load
