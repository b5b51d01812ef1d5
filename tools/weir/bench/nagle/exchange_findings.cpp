// Requests and their answers: N1, N3, N4, N13, N14.

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

constexpr double stall_us = std::chrono::duration<double, std::micro>(stall_min).count();
/// Two parts in two segments, or in one: the kernel may merge a few, or repeat some.
constexpr double one_segment_max = 1.5;
constexpr const char* small_request = "4 + 60 B";

std::string joined(const std::vector<std::string>& texts, const char* between) {
  return fmt::format("{}", fmt::join(texts, between));
}

std::string first_exchanges_words(const CellSummary& nagle) {
  const double first_us = nagle.median(Metric::first_us);
  return fmt::format(" The first exchanges of a connection took {}: the kernel {}.",
                     time_text(first_us),
                     first_us < stall_us ? "acknowledges those at once"
                                         : "should acknowledge those at once, and did not");
}

void stall(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N1", small_request, WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N1", small_request, WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const std::string times = fmt::format("{} with Nagle's algorithm, {} with TCP_NODELAY",
                                        time_text(nagle->median(Metric::p50_us)),
                                        time_text(nodelay->median(Metric::p50_us)));
  if (!never_stalls(*nodelay)) {
    path.add("N1", Outcome::opposite,
             fmt::format("A request in two small writes takes {}: {} of the exchanges wait over 30 "
                         "ms without the algorithm too, so what waits here is something else.",
                         times, percent_text(nodelay->median(Metric::stalls))));
  } else if (always_stalls(*nagle)) {
    path.add("N1", Outcome::expected,
             fmt::format("A request in two small writes waits for the receiver's delayed "
                         "acknowledgement: {}. The second write is held until the first is "
                         "acknowledged, and the receiver has nothing to answer yet that could "
                         "carry the acknowledgement.{}",
                         times, first_exchanges_words(*nagle)));
  } else if (never_stalls(*nagle)) {
    path.add("N1", Outcome::opposite,
             fmt::format("A request in two small writes did not stall here, as it should with "
                         "Nagle's algorithm: {}.",
                         times));
  } else {
    path.add("N1", Outcome::not_shown,
             fmt::format("A request in two small writes stalled in {} of the exchanges only, where "
                         "nearly all should: {}.",
                         percent_text(nagle->median(Metric::stalls)), times));
  }
}

/// Of the modes that were measured. What is unlike it is named.
std::string segments_words(bool has_nodelay, std::size_t modes,
                           const std::vector<std::string>& unlike) {
  const bool has_others = modes > (has_nodelay ? 1U : 0U);
  std::string words;
  if (has_nodelay) {
    words += unlike.empty() ? " TCP_NODELAY sends both parts by themselves"
                            : " TCP_NODELAY should send both parts by themselves";
  }
  if (has_others) {
    words += has_nodelay ? "; the others " : " These ";
    words += unlike.empty() ? "make" : "should make";
    words += has_nodelay ? " one segment of them" : " one segment of both parts";
  }
  return words + (unlike.empty() ? "." : fmt::format("; not so: {}.", joined(unlike, ", ")));
}

void remedies(PathFindings& path) {
  std::vector<std::string> rows;
  std::vector<std::string> stalling;
  std::vector<std::string> in_other_segments;
  for (const WriteMode mode :
       {WriteMode::nodelay, WriteMode::cork, WriteMode::msg_more, WriteMode::gather,
        WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    const CellSummary* const found = path.cell("N1", small_request, mode);
    if (found == nullptr) continue;
    const double segments = found->median(Metric::segments_per_message);
    if (!never_stalls(*found)) stalling.emplace_back(to_text(mode));
    if ((segments < one_segment_max) == (mode == WriteMode::nodelay)) {
      in_other_segments.emplace_back(to_text(mode));
    }
    rows.push_back(fmt::format(
        "{}: {}, {:.1f} segments, {:.1f} system calls, {:.1f} us of the sender's processor",
        to_text(mode), time_text(found->median(Metric::p50_us)), segments,
        found->median(Metric::sender_calls_per_message),
        found->median(Metric::sender_cpu_us_per_message)));
  }
  if (rows.empty()) return;
  std::string sentence =
      fmt::format("What should end the stall, an exchange: {}.", joined(rows, "; "));
  sentence += stalling.empty()
                  ? std::string(" None of these stalled.")
                  : fmt::format(" These stalled all the same: {}.", joined(stalling, ", "));
  sentence += segments_words(path.cell("N1", small_request, WriteMode::nodelay) != nullptr,
                             rows.size(), in_other_segments);
  path.add("N1",
           stalling.empty() && in_other_segments.empty() ? Outcome::expected : Outcome::opposite,
           std::move(sentence));
}

void quick_acks(PathFindings& path) {
  const CellSummary* const quick = path.cell("N1", small_request, WriteMode::nagle, AckMode::quick);
  const CellSummary* const delayed = path.cell("N1", small_request, WriteMode::nagle);
  if (quick == nullptr || delayed == nullptr) return;
  const std::string costs = fmt::format(
      "{:.1f} acknowledgements and {:.1f} system calls of the receiver an exchange, {:.1f} and "
      "{:.1f} without it",
      quick->median(Metric::acks_per_message), quick->median(Metric::receiver_calls_per_message),
      delayed->median(Metric::acks_per_message),
      delayed->median(Metric::receiver_calls_per_message));
  const std::string share = percent_text(quick->median(Metric::stalls));
  if (!always_stalls(*delayed) && !never_stalls(*delayed)) {
    path.add("N1", Outcome::not_shown,
             fmt::format("That TCP_QUICKACK after each read of the receiver ends the stall was not "
                         "shown: {} of the exchanges stalled without it, where nearly all should, "
                         "{} with it, at {}.",
                         percent_text(delayed->median(Metric::stalls)), share, costs));
  } else if (never_stalls(*delayed)) {
    path.add("N1", Outcome::not_shown,
             fmt::format("TCP_QUICKACK after each read of the receiver had no stall to end here "
                         "({} of the exchanges stalled with it): {}.",
                         share, costs));
  } else if (never_stalls(*quick)) {
    path.add("N1", Outcome::expected,
             fmt::format("TCP_QUICKACK after each read of the receiver ends the stall ({}), at {}.",
                         time_text(quick->median(Metric::p50_us)), costs));
  } else {
    path.add("N1", always_stalls(*quick) ? Outcome::opposite : Outcome::not_shown,
             fmt::format("TCP_QUICKACK after each read of the receiver does not end the stall, as "
                         "it should: {} of the exchanges still wait (p50 {}), at {}.",
                         share, time_text(quick->median(Metric::p50_us)), costs));
  }
}

/// The algorithm holds the second write and joins to it what is written behind it.
void four_writes(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N1", "4 x 16 B", WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N1", "4 x 16 B", WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const auto words = [](const CellSummary& cell) {
    return fmt::format("{} and {:.1f} segments", time_text(cell.median(Metric::p50_us)),
                       cell.median(Metric::segments_per_message));
  };
  const Comparison segments = compare(*nagle, *nodelay, Metric::segments_per_message);
  const Comparison time = compare(*nagle, *nodelay, Metric::p50_us);
  const char* const joins = segments.is_less()   ? "the algorithm joins what it holds"
                            : segments.is_more() ? "the algorithm should join some, and does the "
                                                   "opposite"
                                                 : "that the algorithm joins some was not shown";
  const char* const waits = time.is_more()   ? "the request waits"
                            : time.is_less() ? "the request should wait once, and does the opposite"
                                             : "that the request waits once was not shown";
  path.add("N1", std::max(expect_less(segments), expect_more(time)),
           fmt::format("A request in four writes takes {} with Nagle's algorithm, {} with "
                       "TCP_NODELAY: {}, and {}.",
                       words(*nagle), words(*nodelay), joins, waits));
}

/// What is smaller than a segment is held until the first write is acknowledged. A full segment is
/// not, and its arrival has both acknowledged at once.
bool should_stall(const CellSummary& cell) {
  return cell.spec.parts.back() < cell.traits.segment_bytes();
}

void body_sizes(PathFindings& path) {
  std::vector<const CellSummary*> cells;
  for (const std::string& name : path.names("N3")) {
    const CellSummary* const nagle = path.cell("N3", name, WriteMode::nagle);
    if (nagle != nullptr) cells.push_back(nagle);
  }
  if (cells.empty()) return;
  std::ranges::sort(cells, {}, [](const CellSummary* cell) { return cell->spec.message_bytes(); });
  std::vector<std::string> rows;
  std::vector<std::string> unlike;
  Outcome outcome = Outcome::expected;
  for (const CellSummary* const cell : cells) {
    const std::string share = percent_text(cell->median(Metric::stalls));
    rows.push_back(fmt::format("{}: {} (p50 {})", cell->spec.name, share,
                               time_text(cell->median(Metric::p50_us))));
    const bool is_as_it_should = should_stall(*cell) ? always_stalls(*cell) : never_stalls(*cell);
    if (is_as_it_should) continue;
    const bool is_reversed = should_stall(*cell) ? never_stalls(*cell) : always_stalls(*cell);
    outcome = std::max(outcome, is_reversed ? Outcome::opposite : Outcome::not_shown);
    unlike.push_back(fmt::format("{} in {} of the exchanges, where {} should", cell->spec.name,
                                 share, should_stall(*cell) ? "nearly all" : "none"));
  }
  const std::string segment = fmt::format("a segment, {} B here", cells[0]->traits.segment_bytes());
  const bool has_small = should_stall(*cells.front());
  const bool has_large = !should_stall(*cells.back());
  std::string verdict;
  if (!unlike.empty()) {
    verdict = fmt::format(
        "A body smaller than {}, should wait and one that fills it should not: "
        "not so {}.",
        segment, joined(unlike, "; "));
  } else if (has_small && has_large) {
    verdict = fmt::format(
        "A body smaller than {}, waits; one that fills it does not: the arrival "
        "of a full one is acknowledged at once.",
        segment);
  } else {
    verdict = fmt::format("All bodies are {} than {}: whether the others {} was not measured.",
                          has_small ? "smaller" : "larger", segment,
                          has_small ? "go without a stall" : "stall");
  }
  path.add("N3", outcome,
           fmt::format("Exchanges that stall with Nagle's algorithm, by the sizes of their two "
                       "writes: {}. {}",
                       joined(rows, ", "), verdict));
}

void single_write(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N4", "64 B", WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N4", "64 B", WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const Comparison time = compare(*nagle, *nodelay, Metric::p50_us);
  const Outcome outcome = never_stalls(*nagle) ? expect_equal(time) : Outcome::opposite;
  const char* verdict = "the algorithm costs a single write nothing that shows";
  if (!never_stalls(*nagle)) {
    verdict = "it stalls, which it should not";
  } else if (time.is_more()) {
    verdict = "the algorithm makes a single write slower, which it should not";
  } else if (time.is_less()) {
    verdict = "the algorithm makes a single write faster, which it should not";
  } else if (outcome == Outcome::not_shown) {
    verdict = "the rounds differ by more than the two do, so it was not shown that they are equal";
  }
  path.add("N4", outcome,
           fmt::format("The same request in one write takes {} with Nagle's algorithm and {} with "
                       "TCP_NODELAY: {}.",
                       time_text(nagle->median(Metric::p50_us)),
                       time_text(nodelay->median(Metric::p50_us)), verdict));
}

std::string gathered_by_runtime_words(const CellSummary& weir, const Comparison& segments) {
  return fmt::format(" weir on {}: {:.2f} segments, {:.2f} system calls a request{}.",
                     weir.spec.mode == WriteMode::flush_epoll ? "epoll" : "io_uring",
                     weir.median(Metric::segments_per_message),
                     weir.median(Metric::sender_calls_per_message),
                     segments.is_less()   ? ", as what a turn queues leaves together"
                     : segments.is_more() ? ", more segments than a call each makes"
                                          : ", no difference to a call each was shown");
}

void pipelines(PathFindings& path) {
  for (const std::string& name : path.names("N13")) {
    const CellSummary* const nagle = path.cell("N13", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N13", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    const bool can_gather = nagle->spec.depth > 1;
    const Comparison segments = compare(*nagle, *nodelay, Metric::segments_per_message);
    Outcome outcome = can_gather ? expect_less(segments) : expect_equal(segments);
    const char* verdict = "no difference in segments was shown";
    if (segments.is_less()) {
      verdict = can_gather ? "the algorithm gathers what is written while an answer is under way"
                           : "the algorithm gathers, where there is nothing to gather";
    } else if (segments.is_more()) {
      verdict = "the algorithm makes more of them, which it should not";
    } else if (outcome == Outcome::expected) {
      verdict = "with one under way there is nothing to gather";
    }
    std::string sentence = fmt::format(
        "{}: {:.2f} segments a request with Nagle's algorithm, {:.2f} with TCP_NODELAY: {}; {}.",
        name, nagle->median(Metric::segments_per_message),
        nodelay->median(Metric::segments_per_message), verdict, rate_words(*nagle, *nodelay));
    const CellSummary* weir = path.cell("N13", name, WriteMode::flush_io_uring);
    if (weir == nullptr) weir = path.cell("N13", name, WriteMode::flush_epoll);
    if (weir != nullptr) {
      const Comparison gathered = compare(*weir, *nodelay, Metric::segments_per_message);
      sentence += gathered_by_runtime_words(*weir, gathered);
      if (can_gather) outcome = std::max(outcome, expect_less(gathered));
    }
    path.add("N13", outcome, std::move(sentence));
  }
}

/// `44.0 ms while the stream stays open, 60 us when its end follows at once`, of one mode.
std::string tail_times(const CellSummary& open, const CellSummary& ended) {
  return fmt::format("{} while the stream stays open, {} when its end follows at once",
                     time_text(open.median(Metric::p50_us)),
                     time_text(ended.median(Metric::p50_us)));
}

void held_tail(PathFindings& path) {
  const CellSummary* const open = path.cell("N14", small_request, WriteMode::nagle);
  const CellSummary* const ended = path.cell("N14", "4 + 60 B, then FIN", WriteMode::nagle);
  if (open == nullptr || ended == nullptr) return;
  Outcome outcome = expect_less(compare(*ended, *open, Metric::p50_us));
  const char* verdict = "whether the FIN releases anything was not shown, as nothing was held";
  if (always_stalls(*open) && never_stalls(*ended) && outcome == Outcome::expected) {
    verdict = "the FIN releases what Nagle's algorithm holds";
  } else if (always_stalls(*open) && always_stalls(*ended)) {
    outcome = Outcome::opposite;
    verdict = "the FIN waits behind what the algorithm holds, which it should not";
  } else if (never_stalls(*open) && !never_stalls(*ended)) {
    outcome = Outcome::opposite;
    verdict = "the end of the stream brings a stall, which it should not";
  } else if (!never_stalls(*open)) {
    outcome = Outcome::not_shown;
    verdict = "the rounds disagree, so it was not shown that the FIN releases what is held";
  } else {
    outcome = Outcome::not_shown;
  }
  std::string sentence = fmt::format(
      "The answer to two small writes, on a connection whose receiver delays its acknowledgements, "
      "comes after {}, with Nagle's algorithm: {}.",
      tail_times(*open, *ended), verdict);
  const CellSummary* const nodelay_open = path.cell("N14", small_request, WriteMode::nodelay);
  const CellSummary* const nodelay_ended =
      path.cell("N14", "4 + 60 B, then FIN", WriteMode::nodelay);
  if (nodelay_open != nullptr && nodelay_ended != nullptr) {
    sentence += fmt::format(" With TCP_NODELAY: {}.", tail_times(*nodelay_open, *nodelay_ended));
  }
  path.add("N14", outcome, std::move(sentence));
}

}  // namespace

void find_exchanges(PathFindings& path) {
  stall(path);
  remedies(path);
  quick_acks(path);
  four_writes(path);
  body_sizes(path);
  single_write(path);
  pipelines(path);
  held_tail(path);
}

}  // namespace weir::tools::bench
