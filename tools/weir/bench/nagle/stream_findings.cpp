// Messages one way: N5, N6, N9, N10.

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

void floods(PathFindings& path) {
  for (const std::string& name : path.names("N5")) {
    const CellSummary* const nagle = path.cell("N5", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N5", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    std::string sentence = fmt::format(
        "{} one way: {:.0f} bytes a segment with Nagle's algorithm, {:.0f} with TCP_NODELAY; {}.",
        name, nagle->median(Metric::bytes_per_segment), nodelay->median(Metric::bytes_per_segment),
        rate_words(*nagle, *nodelay));
    const CellSummary* const flush = path.cell("N5", name, WriteMode::flush_io_uring);
    const CellSummary* const flush_epoll = path.cell("N5", name, WriteMode::flush_epoll);
    const CellSummary* const weir = flush != nullptr ? flush : flush_epoll;
    if (weir != nullptr) {
      sentence += fmt::format(
          " Queued, and flushed once a turn, with TCP_NODELAY on: {:.0f} bytes a segment, {:.1f} "
          "times as many messages a second as with one call each.",
          weir->median(Metric::bytes_per_segment),
          weir->median(Metric::messages_per_s) /
              std::max(1.0, nodelay->median(Metric::messages_per_s)));
    }
    path.add("N5", true, std::move(sentence));
  }
}

void sticky_reads(PathFindings& path) {
  std::string rows;
  for (const std::string& name : path.names("N5")) {
    const CellSummary* const nagle = path.cell("N5", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N5", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    rows += fmt::format("{}{}: {:.0f} % and {:.0f} %", rows.empty() ? "" : "; ", name,
                        100 * nagle->median(Metric::merged_reads),
                        100 * nodelay->median(Metric::merged_reads));
  }
  if (rows.empty()) return;
  path.add("N9", true,
           "Reads that brought several messages, with Nagle's algorithm and with TCP_NODELAY: " +
               rows + ". Messages stick together either way: only framing tells them apart.");
}

/// Nagle's algorithm on a far path: a small segment leaves when the one before is acknowledged.
std::string round_trip_words(const CellSummary& nagle, const Comparison& age) {
  const double messages_a_round_trip = static_cast<double>(nagle.traits.rtt.count()) /
                                       static_cast<double>(nagle.spec.interval.count());
  const std::string segments =
      fmt::format("{:.1f} segments a round trip",
                  nagle.median(Metric::segments_per_message) * messages_a_round_trip);
  if (age.is_more())
    return fmt::format(" Nagle's algorithm sends {}: what is written meanwhile waits.", segments);
  if (age.is_less())
    return fmt::format(" Nagle's algorithm sends {}, and they arrive younger.", segments);
  return fmt::format(" Nagle's algorithm sends {}; no difference in age was shown.", segments);
}

/// Whether theory is sure of it, and wrong.
bool is_against_theory(const CellSummary& nagle, const Comparison& age) {
  if (nagle.traits.kind != PathKind::far) return false;
  if (nagle.spec.interval >= 2 * nagle.traits.rtt) return age.is_shown;
  return 4 * nagle.spec.interval <= nagle.traits.rtt && !age.is_more();
}

void paced(PathFindings& path) {
  for (const std::string& name : path.names("N6")) {
    const CellSummary* const nagle = path.cell("N6", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N6", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    const Comparison age = compare(*nagle, *nodelay, Metric::p50_us);
    std::string sentence = fmt::format(
        "{} one way: with Nagle's algorithm a message is {} old when it is read (p99 {}) and "
        "{:.2f} segments leave for each, with TCP_NODELAY {} (p99 {}) and {:.2f}.",
        name, time_text(nagle->median(Metric::p50_us)), time_text(nagle->median(Metric::p99_us)),
        nagle->median(Metric::segments_per_message), time_text(nodelay->median(Metric::p50_us)),
        time_text(nodelay->median(Metric::p99_us)), nodelay->median(Metric::segments_per_message));
    if (nagle->traits.kind == PathKind::far) sentence += round_trip_words(*nagle, age);
    path.add("N6", !is_against_theory(*nagle, age), std::move(sentence));
  }
}

std::string cost_words(const CellSummary& cell) {
  return fmt::format(
      "{:.2f} segments and {:.2f} system calls a message, {} old, {:.1f} us of the "
      "sender's processor",
      cell.median(Metric::segments_per_message), cell.median(Metric::sender_calls_per_message),
      time_text(cell.median(Metric::p50_us)), cell.median(Metric::sender_cpu_us_per_message));
}

void batching(PathFindings& path) {
  for (const std::string& name : path.names("N10")) {
    const CellSummary* const nodelay = path.cell("N10", name, WriteMode::nodelay);
    if (nodelay == nullptr) continue;
    std::string rows;
    bool is_saving = true;
    for (const CellSummary* const cell : path.cells()) {
      if (cell->spec.scenario != "N10" || cell == nodelay || cell->rounds.empty()) continue;
      rows += fmt::format("; {}: {}", sender_text(cell->spec), cost_words(*cell));
      if (cell->spec.mode != WriteMode::batch) continue;
      is_saving = is_saving && compare(*cell, *nodelay, Metric::segments_per_message).is_less();
    }
    if (rows.empty()) continue;
    path.add("N10", is_saving,
             fmt::format("{} one way, each with a call of its own and TCP_NODELAY: {}{}. {}", name,
                         cost_words(*nodelay), rows,
                         is_saving ? "An application that gathers has few segments without Nagle's "
                                     "algorithm, and chooses itself what they may cost in age."
                                   : "An application that gathers should have fewer segments, and "
                                     "has not."));
  }
}

}  // namespace

void find_streams(PathFindings& path) {
  floods(path);
  sticky_reads(path);
  paced(path);
  batching(path);
}

}  // namespace weir::tools::bench
