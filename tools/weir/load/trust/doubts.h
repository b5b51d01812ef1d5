// Reasons to doubt a measurement: each with a kind for programs and a sentence for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

enum class DoubtKind : std::uint8_t {
  generator_busy,     ///< this program, not the server, may have been the limit
  short_run,          ///< too short to say much
  few_connections,    ///< fewer connections than asked for
  latency_clipped,    ///< values beyond the range of the histogram
  unsteady,           ///< the rate moved during the run
  rate_missed,        ///< less was sent than was to be
  send_lag,           ///< much of the latency is this program's lateness
  unoptimized_build,  ///< this program was built without optimisation
};

[[nodiscard]] std::string_view to_text(DoubtKind kind) noexcept;

struct Doubt {
  DoubtKind kind;
  std::string text;  ///< a clause without a full stop
};

[[nodiscard]] std::vector<Doubt> find_doubts(const LoadReport& report);

}  // namespace weir::tools::load
