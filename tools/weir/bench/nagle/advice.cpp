#include "tools/weir/bench/nagle/advice.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/cell_table.h"
#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

/// Looks for what supports an advice, on all paths.
class EvidenceSearch {
 public:
  EvidenceSearch(const CellTable& table, std::string text)
      : table_(table), advice_{.text = std::move(text), .evidence = {}} {}

  /// A scenario in which the first mode should have less of something than the second.
  struct Claim {
    std::string_view scenario;
    std::string_view less;  ///< as `sender_text` says it
    std::string_view more;
    Metric metric;
    std::string_view unit;  ///< `old`; nothing for times
  };

  /// Every path and name that has both.
  void add(const Claim& claim) {
    for (const std::string& path : table_.paths()) {
      for (const std::string& name : table_.names(path, claim.scenario)) {
        const CellSummary* const less = table_.find_sender(path, claim.scenario, name, claim.less);
        const CellSummary* const more = table_.find_sender(path, claim.scenario, name, claim.more);
        if (less != nullptr && more != nullptr) weigh(claim, *less, *more);
      }
    }
  }
  [[nodiscard]] Advice take() { return std::move(advice_); }

 private:
  static std::string value_text(const Claim& claim, const CellSummary& cell) {
    const double value = cell.median(claim.metric);
    if (claim.metric == Metric::p50_us) return time_text(value);
    return value < 100 ? fmt::format("{:.2f}", value) : fmt::format("{:.0f}", value);
  }

  void weigh(const Claim& claim, const CellSummary& less, const CellSummary& more) {
    const Comparison found = compare(less, more, claim.metric);
    std::string text = fmt::format("{} on {}, {}: {}{} by {}, {} by {}", claim.scenario, less.path,
                                   less.spec.name, value_text(claim, less), claim.unit, claim.less,
                                   value_text(claim, more), claim.more);
    advice_.evidence.push_back({.outcome = expect_less(found), .text = std::move(text)});
  }

  const CellTable& table_;
  Advice advice_;
};

Advice write_once(const CellTable& table) {
  EvidenceSearch evidence(
      table,
      "Write a message in one call: `writev`, `MSG_MORE`, or an output buffer that "
      "is flushed when there is nothing more to add, with `TCP_NODELAY` on.");
  for (const char* const scenario : {"N1", "N2"}) {
    evidence.add({scenario, "gather", "nagle", Metric::p50_us, ""});
  }
  return evidence.take();
}

Advice gather_streams(const CellTable& table) {
  EvidenceSearch evidence(
      table, "Many small messages one way: gather them, as long as their reader can wait.");
  constexpr std::string_view batch = "batch 1448 B, 1.0 ms";
  evidence.add({"N10", batch, "nodelay", Metric::segments_per_message, " segments a message"});
  evidence.add({"N7", batch, "nodelay", Metric::p50_us, " old"});
  evidence.add({"N8", batch, "nodelay", Metric::segments_per_message, " segments a message"});
  return evidence.take();
}

Advice nodelay_alone(const CellTable& table) {
  EvidenceSearch evidence(table,
                          "`TCP_NODELAY` alone ends the stall where the writes cannot be joined.");
  for (const char* const scenario : {"N1", "N2"}) {
    evidence.add({scenario, "nodelay", "nagle", Metric::p50_us, ""});
  }
  return evidence.take();
}

Advice nodelay_losses(const CellTable& table) {
  EvidenceSearch evidence(
      table,
      "But it sends a segment for each write: segments that fill the window of a "
      "long link, headers that a thin one feels.");
  for (const char* const scenario : {"N7", "N8"}) {
    evidence.add({scenario, "nagle", "nodelay", Metric::p50_us, " old"});
  }
  return evidence.take();
}

Advice leave_nagle_on(const CellTable& table) {
  EvidenceSearch evidence(
      table,
      "Nagle's algorithm is for programs that cannot be changed and do not wait for "
      "answers: small messages one way get through faster with it.");
  evidence.add({"N5", "nodelay", "nagle", Metric::messages_per_s, " messages a second"});
  return evidence.take();
}

std::string_view evidence_mark(Outcome outcome) {
  switch (outcome) {
    case Outcome::expected:
      return "shown";
    case Outcome::not_shown:
      return "not shown";
    case Outcome::opposite:
      return "the opposite";
  }
  std::unreachable();
}

}  // namespace

std::vector<Advice> advice_of(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  return {write_once(table), gather_streams(table), nodelay_alone(table), nodelay_losses(table),
          leave_nagle_on(table)};
}

std::string to_text(const Advice& advice) {
  std::string text = advice.text;
  if (std::ranges::find(advice.evidence, Outcome::expected, &Evidence::outcome) ==
      advice.evidence.end()) {
    text += " That is general knowledge: no number of this run shows it.";
  }
  for (const Evidence& evidence : advice.evidence) {
    text += fmt::format("\n   - {}: {}", evidence_mark(evidence.outcome), evidence.text);
  }
  return text;
}

}  // namespace weir::tools::bench
