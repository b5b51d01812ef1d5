#include "tools/weir/bench/nagle/cell.h"

#include <numeric>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::bench {

std::size_t CellSpec::message_bytes() const noexcept {
  return std::accumulate(parts.begin(), parts.end(), std::size_t{0});
}

std::string sender_text(const CellSpec& spec) {
  std::string text(to_text(spec.mode));
  if (spec.mode == WriteMode::batch) {
    text += fmt::format(" {} B, {}", spec.batch_bytes, format_duration(spec.batch_delay, {}));
  }
  if (spec.acks == AckMode::quick) text += ", quick ACKs";
  if (spec.autocorking == Autocorking::off) text += ", no autocork";
  if (spec.notsent_lowat_bytes > 0)
    text += fmt::format(", lowat {}K", spec.notsent_lowat_bytes >> 10);
  if (!spec.congestion_control.empty()) text += ", " + spec.congestion_control;
  return text;
}

}  // namespace weir::tools::bench
