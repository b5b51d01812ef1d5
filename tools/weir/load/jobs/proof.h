// Proof: one thing that the self-test measured, beside what it has to be.
//
// What disturbs a run makes answers later, never earlier: response times count from when requests
// were due. So a number below its limits is the generator's fault whatever the machine did, and
// one above them may be excused by it.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

enum class ProofOutcome : std::uint8_t {
  passed,
  failed,
  inconclusive,  ///< outside its limits, but the machine may have done that
  information,   ///< a number without limits
};

/// `passed`, `failed`, `inconclusive`, `information`: also the word in JSON.
[[nodiscard]] std::string_view to_text(ProofOutcome outcome) noexcept;

/// Both ends belong to it.
struct ProofLimits {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

struct Proof {
  std::string name{};
  double value = 0;  ///< in `unit`
  ProofLimits limits{};
  std::string unit{};  ///< "ns", "ratio", "count", "1/s"
  ProofOutcome outcome = ProofOutcome::passed;
  std::string text{};    ///< what is claimed; if it does not hold, who is to blame
  std::string remedy{};  ///< empty if passed
};

struct ProofGroup {
  std::string title{};
  std::vector<Proof> proofs{};
  unsigned tries = 1;
};

/// What the machine did to a run.
struct Excuse {
  std::string reason{};
  std::string remedy{};
};

enum class ExcusedBy : std::uint8_t {
  machine,   ///< processors that others took, or that there are too few of
  any_veto,  ///< that, or any trust rule with a veto that failed
};

[[nodiscard]] std::optional<Excuse> find_excuse(const LoadReport& report, ExcusedBy by);

/// Fills in outcome, and text and remedy if it did not pass.
[[nodiscard]] Proof judge(Proof proof, const std::optional<Excuse>& excuse);

/// `90.12 ms`, `0.9987`, `10 000`, `120 000/s`.
[[nodiscard]] std::string proof_figure(double value, std::string_view unit);

}  // namespace weir::tools::load
