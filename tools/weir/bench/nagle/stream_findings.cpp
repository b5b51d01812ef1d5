// Messages one way: N5, N6, N9, N10.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

/// Two of them fit into a segment, so that there is something to gather.
bool can_be_gathered(const CellSummary& cell) {
  return 2 * cell.spec.message_bytes() <= cell.traits.segment_bytes();
}

/// What the runtime makes of it: the weir of a path that is there, rather on io_uring.
std::string turn_end_words(const CellSummary& weir, const Comparison& rate) {
  std::string words = fmt::format(
      " Queued, and flushed once a turn, with TCP_NODELAY on ({}): {:.0f} bytes a segment, ",
      to_text(weir.spec.mode), weir.median(Metric::bytes_per_segment));
  if (rate.is_more()) {
    return words +
           fmt::format("{:.1f} times as many messages a second as with one call each.", rate.ratio);
  }
  if (rate.is_less()) {
    return words + fmt::format("{:.1f} times as many with one call each, which should not be.",
                               1 / rate.ratio);
  }
  return words + "and no difference in messages a second to one call each was shown.";
}

void floods(PathFindings& path) {
  for (const std::string& name : path.names("N5")) {
    const CellSummary* const nagle = path.cell("N5", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N5", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    const bool is_small = can_be_gathered(*nagle);
    const Comparison segments = compare(*nagle, *nodelay, Metric::bytes_per_segment);
    Outcome outcome = expect_more(segments);
    if (!is_small && outcome == Outcome::not_shown) outcome = Outcome::expected;
    const char* const verdict =
        segments.is_more()   ? "the algorithm fills them"
        : segments.is_less() ? "the algorithm empties them, which it should not"
        : is_small           ? "no difference in them was shown, although several would fit"
                             : "no difference in them was shown, and no two would fit";
    std::string sentence = fmt::format(
        "{} one way: {:.0f} bytes a segment with Nagle's algorithm, {:.0f} with TCP_NODELAY: {}; "
        "{}.",
        name, nagle->median(Metric::bytes_per_segment), nodelay->median(Metric::bytes_per_segment),
        verdict, rate_words(*nagle, *nodelay));
    const CellSummary* weir = path.cell("N5", name, WriteMode::flush_io_uring);
    if (weir == nullptr) weir = path.cell("N5", name, WriteMode::flush_epoll);
    if (weir != nullptr) {
      const Comparison rate = compare(*weir, *nodelay, Metric::messages_per_s);
      sentence += turn_end_words(*weir, rate);
      outcome = std::max(outcome, expect_more(rate));
    }
    path.add("N5", outcome, std::move(sentence));
  }
}

/// Less than this prints as 0 %.
constexpr double share_seen_min = 0.005;

/// A share of both modes at each size of N5: `16 B: 99 % and 18 %; 100 B: 99 % and 1 %`.
struct SharesBySize {
  std::string text;
  std::vector<std::string> unseen;    ///< `4000 B with TCP_NODELAY`
  std::vector<std::string> reversed;  ///< sizes with less of it with Nagle's algorithm
  std::size_t seen = 0;
};

SharesBySize shares_by_size(const PathFindings& path, Metric share) {
  SharesBySize shares;
  for (const std::string& name : path.names("N5")) {
    const CellSummary* const nagle = path.cell("N5", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N5", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    shares.text +=
        fmt::format("{}{}: {} and {}", shares.text.empty() ? "" : "; ", name,
                    percent_text(nagle->median(share)), percent_text(nodelay->median(share)));
    if (compare(*nagle, *nodelay, share).is_less()) shares.reversed.push_back(name);
    for (const auto& [cell, mode] :
         {std::pair(nagle, "Nagle's algorithm"), std::pair(nodelay, "TCP_NODELAY")}) {
      if (cell->median(share) >= share_seen_min) {
        ++shares.seen;
      } else {
        shares.unseen.push_back(fmt::format("{} with {}", name, mode));
      }
    }
  }
  return shares;
}

void sticky_reads(PathFindings& path) {
  const SharesBySize merged = shares_by_size(path, Metric::merged_reads);
  if (merged.text.empty()) return;
  Outcome outcome = merged.unseen.empty() ? Outcome::expected : Outcome::not_shown;
  std::string verdict = "Messages stick together either way: only framing tells them apart.";
  if (merged.seen == 0) {
    outcome = Outcome::opposite;
    verdict = "None stuck together here, which is no promise: the stream has no boundaries.";
  } else if (!merged.unseen.empty()) {
    verdict = fmt::format(
        "Messages stick together, though hardly any did here of {}. That is no promise: only "
        "framing tells them apart.",
        fmt::join(merged.unseen, ", "));
  }
  if (!merged.reversed.empty()) {
    outcome = Outcome::opposite;
    verdict += fmt::format(" With Nagle's algorithm fewer did, which should be more: {}.",
                           fmt::join(merged.reversed, ", "));
  }
  path.add("N9", outcome,
           fmt::format("Reads that brought several messages, with Nagle's algorithm and with "
                       "TCP_NODELAY: {}. {}",
                       merged.text, verdict));
}

/// Nothing sure is expected of these: whether a read ends inside a message is a matter of how many
/// segments had come by then, and where those end.
void cut_messages(PathFindings& path) {
  const SharesBySize cut = shares_by_size(path, Metric::cut_messages);
  if (cut.text.empty()) return;
  path.add("N9", Outcome::expected,
           fmt::format("Messages that came in several reads, likewise: {}. {}", cut.text,
                       cut.seen == 0 ? "Hardly any was cut here, which is no promise."
                       : cut.unseen.empty()
                           ? "A read is a message neither way."
                           : "One that brings a part of a message has to be expected wherever "
                             "segments end inside messages."));
}

/// What theory says of the age with Nagle's algorithm, by how often is written.
enum class AgeTheory : std::uint8_t { equal, older, not_younger };

/// What a path without a delay of its own takes where no exchange was measured.
constexpr std::chrono::microseconds near_round_trip{50};

/// The delay of a far path; on others what an exchange takes that nothing holds up.
std::chrono::nanoseconds round_trip_of(const PathFindings& path, const CellSummary& cell) {
  if (cell.traits.rtt.count() > 0) return cell.traits.rtt;
  const CellSummary* const exchange = path.cell("N1", "4 + 60 B", WriteMode::nodelay);
  if (exchange == nullptr) return near_round_trip;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double, std::micro>(exchange->median(Metric::p50_us)));
}

AgeTheory age_theory(const CellSummary& cell, std::chrono::nanoseconds round_trip) {
  if (cell.spec.interval >= 2 * round_trip) return AgeTheory::equal;
  return 4 * cell.spec.interval <= round_trip ? AgeTheory::older : AgeTheory::not_younger;
}

Outcome age_outcome(AgeTheory theory, const Comparison& age) {
  switch (theory) {
    case AgeTheory::equal:
      return expect_equal(age);
    case AgeTheory::older:
      return expect_more(age);
    case AgeTheory::not_younger:
      return age.is_less() ? Outcome::opposite : Outcome::expected;
  }
  std::unreachable();
}

/// What the numbers say of the age, and why if theory has it so.
std::string age_verdict(AgeTheory theory, const Comparison& age, double segments_a_round_trip) {
  if (age.is_less()) return " Nagle's algorithm makes them younger, which it should not.";
  if (age.is_more() && theory == AgeTheory::equal) {
    return " Nagle's algorithm makes them older, which it should not: a round trip is over before "
           "the next is written.";
  }
  if (age.is_more()) {
    // One that leaves as the acknowledgement of the one before comes, and the odd one more.
    return segments_a_round_trip < 2 ? " What is written while a segment is unacknowledged waits."
                                     : " They wait, though not for one segment a round trip.";
  }
  if (theory == AgeTheory::equal && age.is_close) {
    return " No difference in age was shown, as the one before is acknowledged when the next is "
           "written.";
  }
  return " No difference in age was shown.";
}

/// What is written at once behind an unacknowledged segment, the algorithm joins.
void burst(PathFindings& path, const CellSummary& nagle, const CellSummary& nodelay) {
  const Comparison segments = compare(nagle, nodelay, Metric::segments_per_message);
  const Comparison age = compare(nagle, nodelay, Metric::p50_us);
  path.add(
      "N6", expect_less(segments),
      fmt::format(
          "{} one way: {:.2f} segments a message and {} old with Nagle's algorithm, {:.2f} and "
          "{} with TCP_NODELAY: {}, and {}.",
          nagle.spec.name, nagle.median(Metric::segments_per_message),
          time_text(nagle.median(Metric::p50_us)), nodelay.median(Metric::segments_per_message),
          time_text(nodelay.median(Metric::p50_us)),
          segments.is_less()   ? "it joins what is written together"
          : segments.is_more() ? "it makes more segments of them, which it should not"
                               : "no difference in segments was shown",
          age.is_less()   ? "they are younger with it"
          : age.is_more() ? "they are older with it"
                          : "no difference in age was shown"));
}

void paced(PathFindings& path) {
  for (const std::string& name : path.names("N6")) {
    const CellSummary* const nagle = path.cell("N6", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N6", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    if (nagle->spec.burst > 1) {
      burst(path, *nagle, *nodelay);
      continue;
    }
    const Comparison age = compare(*nagle, *nodelay, Metric::p50_us);
    const std::chrono::nanoseconds round_trip = round_trip_of(path, *nagle);
    const AgeTheory theory = age_theory(*nagle, round_trip);
    std::string sentence = fmt::format(
        "{} one way: with Nagle's algorithm a message is {} old when it is read (p99 {}) and "
        "{:.2f} segments leave for each, with TCP_NODELAY {} (p99 {}) and {:.2f}.",
        name, time_text(nagle->median(Metric::p50_us)), time_text(nagle->median(Metric::p99_us)),
        nagle->median(Metric::segments_per_message), time_text(nodelay->median(Metric::p50_us)),
        time_text(nodelay->median(Metric::p99_us)), nodelay->median(Metric::segments_per_message));
    const double segments_a_round_trip = nagle->median(Metric::segments_per_message) *
                                         static_cast<double>(round_trip.count()) /
                                         static_cast<double>(nagle->spec.interval.count());
    if (nagle->traits.kind == PathKind::far) {
      sentence += fmt::format(" Nagle's algorithm sends {:.1f} segments a round trip.",
                              segments_a_round_trip);
    }
    sentence += age_verdict(theory, age, segments_a_round_trip);
    path.add("N6", age_outcome(theory, age), std::move(sentence));
  }
}

std::string cost_words(const CellSummary& cell) {
  return fmt::format(
      "{:.2f} segments and {:.2f} system calls a message, {} old, {:.1f} us of the "
      "sender's processor",
      cell.median(Metric::segments_per_message), cell.median(Metric::sender_calls_per_message),
      time_text(cell.median(Metric::p50_us)), cell.median(Metric::sender_cpu_us_per_message));
}

const char* batching_verdict(Outcome outcome) {
  switch (outcome) {
    case Outcome::expected:
      return "An application that gathers has few segments without Nagle's algorithm, and chooses "
             "itself what they may cost in age.";
    case Outcome::not_shown:
      return "An application that gathers should have fewer segments; these numbers do not show "
             "it.";
    case Outcome::opposite:
      return "An application that gathers has more segments, which it should not.";
  }
  std::unreachable();
}

void batching(PathFindings& path) {
  for (const std::string& name : path.names("N10")) {
    const CellSummary* const nodelay = path.cell("N10", name, WriteMode::nodelay);
    if (nodelay == nullptr) continue;
    std::string rows;
    Outcome outcome = Outcome::expected;
    bool is_any = false;
    for (const CellSummary* const cell : path.cells()) {
      if (cell->spec.scenario != "N10" || cell->spec.name != name || cell == nodelay) continue;
      if (cell->rounds.empty() || !cell->is_trusted()) continue;
      rows += fmt::format("; {}: {}", sender_text(cell->spec), cost_words(*cell));
      if (cell->spec.mode != WriteMode::batch) continue;
      is_any = true;
      outcome =
          std::max(outcome, expect_less(compare(*cell, *nodelay, Metric::segments_per_message)));
    }
    if (!is_any) continue;
    path.add("N10", outcome,
             fmt::format("{} one way, each with a call of its own and TCP_NODELAY: {}{}. {}", name,
                         cost_words(*nodelay), rows, batching_verdict(outcome)));
  }
}

}  // namespace

void find_streams(PathFindings& path) {
  floods(path);
  sticky_reads(path);
  cut_messages(path);
  paced(path);
  batching(path);
}

}  // namespace weir::tools::bench
