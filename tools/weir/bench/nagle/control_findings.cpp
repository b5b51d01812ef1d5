// What congestion control changes, N15: the same cells under each that the host has.

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

constexpr std::string_view pacing_control = "bbr";

/// In the order of the results.
std::vector<std::string> controls_of(const PathFindings& path, const std::string& name) {
  std::vector<std::string> controls;
  for (const CellSummary* const cell : path.cells()) {
    const std::string& control = cell->spec.congestion_control;
    if (cell->spec.scenario != "N15" || cell->spec.name != name) continue;
    if (std::ranges::find(controls, control) == controls.end()) controls.push_back(control);
  }
  return controls;
}

/// Under which of them the numbers are what theory expects, leave it open, or contradict it.
struct ControlTally {
  std::string rows;  ///< `cubic: ...; reno: ...`
  std::vector<std::string> expected{};
  std::vector<std::string> not_shown{};
  std::vector<std::string> opposite{};

  void add(const std::string& control, Outcome outcome, const std::string& row) {
    rows += fmt::format("{}{}: {}", rows.empty() ? "" : "; ", control, row);
    (outcome == Outcome::expected    ? expected
     : outcome == Outcome::not_shown ? not_shown
                                     : opposite)
        .push_back(control);
  }
  [[nodiscard]] std::size_t count() const noexcept {
    return expected.size() + not_shown.size() + opposite.size();
  }
  [[nodiscard]] Outcome worst() const noexcept {
    if (!opposite.empty()) return Outcome::opposite;
    return not_shown.empty() ? Outcome::expected : Outcome::not_shown;
  }
};

/// What should be so whatever the congestion control.
struct ControlClaim {
  std::string_view if_each;  ///< of all
  std::string_view what;     ///< as a sentence begins: `TCP_NODELAY loses`
};

std::string tally_verdict(const ControlTally& tally, const ControlClaim& claim) {
  if (tally.worst() == Outcome::expected) return std::string(claim.if_each);
  std::string text = tally.expected.empty() ? fmt::format("{}: shown under none.", claim.what)
                                            : fmt::format("{} under {}.", claim.what,
                                                          fmt::join(tally.expected, " and "));
  if (!tally.not_shown.empty()) {
    text += fmt::format(" No difference was shown under {}.", fmt::join(tally.not_shown, " and "));
  }
  if (!tally.opposite.empty()) {
    text += fmt::format(" Under {} it is the other way round, which it should not be.",
                        fmt::join(tally.opposite, " and "));
  }
  return text;
}

/// As many as go: what a segment carries.
void controlled_flood(PathFindings& path, const std::string& name) {
  ControlTally tally;
  for (const std::string& control : controls_of(path, name)) {
    const CellSummary* const nagle = path.cell_of("N15", name, "nagle, " + control);
    const CellSummary* const nodelay = path.cell_of("N15", name, "nodelay, " + control);
    if (nagle == nullptr || nodelay == nullptr || nagle->spec.interval.count() > 0) continue;
    tally.add(control, expect_more(compare(*nagle, *nodelay, Metric::bytes_per_segment)),
              fmt::format("{:.0f} bytes a segment with Nagle's algorithm, {:.0f} with TCP_NODELAY",
                          nagle->median(Metric::bytes_per_segment),
                          nodelay->median(Metric::bytes_per_segment)));
  }
  if (tally.count() < 2) return;
  path.add("N15", tally.worst(),
           fmt::format("{} one way, by congestion control: {}. {}", name, tally.rows,
                       tally_verdict(
                           tally, {.if_each = "The algorithm fills segments under each: it decides "
                                              "before congestion control does.",
                                   .what = "The algorithm fills segments"})));
}

/// At fixed times, so often that segments for each are too many.
void controlled_dense(PathFindings& path, const std::string& name) {
  ControlTally tally;
  for (const std::string& control : controls_of(path, name)) {
    const CellSummary* const nagle = path.cell_of("N15", name, "nagle, " + control);
    const CellSummary* const nodelay = path.cell_of("N15", name, "nodelay, " + control);
    if (nagle == nullptr || nodelay == nullptr || nagle->spec.interval.count() == 0) continue;
    tally.add(control, expect_more(compare(*nodelay, *nagle, Metric::p50_us)),
              fmt::format("{} old with Nagle's algorithm ({:.2f} segments a message), {} with "
                          "TCP_NODELAY ({:.2f})",
                          time_text(nagle->median(Metric::p50_us)),
                          nagle->median(Metric::segments_per_message),
                          time_text(nodelay->median(Metric::p50_us)),
                          nodelay->median(Metric::segments_per_message)));
  }
  if (tally.count() < 2) return;
  path.add("N15", tally.worst(),
           fmt::format("{} one way, by congestion control: {}. {}", name, tally.rows,
                       tally_verdict(tally, {.if_each = "TCP_NODELAY loses under each: a segment "
                                                        "for each message is too many for all.",
                                             .what = "TCP_NODELAY loses"})));
}

/// Behind bulk: what waits in the queue of the link is what congestion control lets into it.
void controlled_queue(PathFindings& path, const std::string& name) {
  const CellSummary* const paced =
      path.cell_of("N15", name, fmt::format("nodelay, lowat 16K, {}", pacing_control));
  if (paced == nullptr) return;  // of two that fill the queue nothing sure is expected
  ControlTally tally;
  for (const std::string& control : controls_of(path, name)) {
    const CellSummary* const cell =
        path.cell_of("N15", name, fmt::format("nodelay, lowat 16K, {}", control));
    if (cell == nullptr) continue;
    tally.add(
        control,
        cell == paced ? Outcome::expected : expect_less(compare(*paced, *cell, Metric::p50_us)),
        fmt::format("{} old (p99 {})", time_text(cell->median(Metric::p50_us)),
                    time_text(cell->median(Metric::p99_us))));
  }
  if (tally.count() < 2) return;
  std::string verdict = fmt::format(
      "{} sends at the rate of the link and leaves its queue short; the others fill it.",
      pacing_control);
  if (!tally.opposite.empty()) {
    verdict = fmt::format("With {} it is older than with {}, which it should not be.",
                          pacing_control, fmt::join(tally.opposite, " and "));
  } else if (!tally.not_shown.empty()) {
    verdict = fmt::format("No difference of {} to {} was shown.", pacing_control,
                          fmt::join(tally.not_shown, " and "));
  }
  path.add(
      "N15", tally.worst(),
      fmt::format("{} amid bulk with TCP_NOTSENT_LOWAT of 16 KiB, from {:g} s on, by congestion "
                  "control: {}. {}",
                  name, std::chrono::duration<double>(paced->spec.settling).count(), tally.rows,
                  verdict));
}

}  // namespace

void find_controls(PathFindings& path) {
  for (const std::string& name : path.names("N15")) {
    controlled_flood(path, name);
    controlled_dense(path, name);
    controlled_queue(path, name);
  }
}

}  // namespace weir::tools::bench
