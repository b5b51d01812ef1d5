// What the rate of a thin path changes: the urgent message of N12 beside that on the next faster
// one. What the rate makes of headers is said on each path by N8 and N11.

#include <string>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

constexpr std::string_view bounded_sender = "nodelay, lowat 16K";

bool is_bounded_urgent(const CellSummary& cell) {
  return cell.traits.kind == PathKind::thin && cell.spec.scenario == "N12" &&
         sender_text(cell.spec) == bounded_sender && !cell.rounds.empty();
}

double mbit_per_s(const CellSummary& cell) {
  return static_cast<double>(cell.traits.bits_per_s) / 1e6;
}

}  // namespace

void find_rates(PathFindings& path) {
  const CellSummary* here = nullptr;
  for (const CellSummary* const cell : path.cells()) {
    if (is_bounded_urgent(*cell)) here = cell;
  }
  if (here == nullptr) return;
  const CellSummary* faster = nullptr;
  for (const CellSummary& cell : path.all_cells()) {
    if (!is_bounded_urgent(cell) || cell.traits.bits_per_s <= here->traits.bits_per_s) continue;
    if (faster == nullptr || cell.traits.bits_per_s < faster->traits.bits_per_s) faster = &cell;
  }
  if (faster == nullptr) return;
  const Comparison age = compare(*here, *faster, Metric::p50_us);
  path.add("N12", expect_more(age),
           fmt::format("The rate: with that bound the message is {} old at {:g} Mbit/s, {} at {:g} "
                       "Mbit/s: {}.",
                       time_text(here->median(Metric::p50_us)), mbit_per_s(*here),
                       time_text(faster->median(Metric::p50_us)), mbit_per_s(*faster),
                       age.is_more()   ? "both links queue as many bytes, and the slower one takes "
                                         "longer over them"
                       : age.is_less() ? "it is younger on the slower link, which it should not be"
                                       : "no difference was shown"));
}

}  // namespace weir::tools::bench
