// What a delay or a rate adds: N2, N7, N8, N11, N12, and whether the relay kept to time.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

/// Ethernet, IPv4 and TCP, the last with time stamps: what a segment costs beside its payload.
constexpr double frame_header_bytes = 14 + 20 + 32;
constexpr const char* far_request = "4 + 60 B";

double rtt_us(const CellSummary& cell) {
  return std::chrono::duration<double, std::micro>(cell.traits.rtt).count();
}

double bits_per_s_of(double bytes, const CellSpec& spec) {
  return 8 * bytes / std::chrono::duration<double>(spec.interval).count();
}

void far_stall(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N2", far_request, WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N2", far_request, WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const double with = nagle->median(Metric::p50_us);
  const double without = nodelay->median(Metric::p50_us);
  const std::string times = fmt::format("{} with Nagle's algorithm, {} with TCP_NODELAY",
                                        time_text(with), time_text(without));
  // The delay is 40 ms, and a tick more or less.
  const double delay_us = with - without - rtt_us(*nagle);
  if (always_stalls(*nagle) && delay_us > 30'000 && delay_us < 60'000) {
    path.add("N2", Outcome::expected,
             fmt::format("A request in two small writes takes {}. The second write leaves when the "
                         "first has been acknowledged, so it costs a round trip more and the "
                         "delay of the acknowledgement: together {}.",
                         times, time_text(with - without)));
  } else if (always_stalls(*nagle)) {
    path.add("N2", Outcome::not_shown,
             fmt::format("A request in two small writes takes {}: it stalls, but not by a round "
                         "trip and the 40 ms of a delayed acknowledgement.",
                         times));
  } else {
    path.add("N2", never_stalls(*nagle) ? Outcome::opposite : Outcome::not_shown,
             fmt::format("A request in two small writes takes {}: no stall by a delayed "
                         "acknowledgement in {} of the exchanges, as there should be.",
                         times, percent_text(1 - nagle->median(Metric::stalls))));
  }
}

void far_remedies(PathFindings& path) {
  const CellSummary* const nodelay = path.cell("N2", far_request, WriteMode::nodelay);
  const CellSummary* const quick = path.cell("N2", far_request, WriteMode::nagle, AckMode::quick);
  if (nodelay == nullptr || quick == nullptr) return;
  const double extra = quick->median(Metric::p50_us) - nodelay->median(Metric::p50_us);
  // Half a round trip is far from none and from a whole one.
  const bool is_round_trip = extra > rtt_us(*quick) / 2 && extra < 1.5 * rtt_us(*quick);
  std::string sentence = fmt::format(
      "TCP_QUICKACK at the receiver leaves {}, {} {} than TCP_NODELAY: {}.",
      time_text(quick->median(Metric::p50_us)), time_text(std::abs(extra)),
      extra < 0 ? "less" : "more",
      is_round_trip ? "the delay is gone and the extra round trip is not, so over a distance it is "
                      "no remedy"
                    : "that is not the one extra round trip that it should be");
  for (const WriteMode mode : {WriteMode::gather, WriteMode::flush_io_uring}) {
    if (const CellSummary* const one = path.cell("N2", far_request, mode)) {
      sentence += fmt::format(" In one write ({}): {}, {:.1f} segments.", to_text(mode),
                              time_text(one->median(Metric::p50_us)),
                              one->median(Metric::segments_per_message));
    }
  }
  path.add("N2", is_round_trip ? Outcome::expected : Outcome::opposite, std::move(sentence));
}

/// `Gathered by batch 1448 B, 1 ms: 1.2 ms old, 0.05 segments a message.`
std::string gathered_words(const PathFindings& path, std::string_view scenario,
                           std::string_view name) {
  std::string words;
  for (const CellSummary* const cell : path.cells()) {
    const bool is_gathered = cell->spec.mode == WriteMode::batch || is_runtime(cell->spec.mode);
    if (cell->spec.scenario != scenario || cell->spec.name != name || !is_gathered) continue;
    if (cell->rounds.empty() || !cell->is_trusted()) continue;
    words += fmt::format("{} {}: {} old, {:.2f} segments a message",
                         words.empty() ? " Gathered with TCP_NODELAY on, by" : "; by",
                         sender_text(cell->spec), time_text(cell->median(Metric::p50_us)),
                         cell->median(Metric::segments_per_message));
  }
  return words.empty() ? words : words + ".";
}

bool sends_more_segments(const CellSummary& cell, const CellSummary& with) {
  return compare(cell, with, Metric::segments_per_message).is_more();
}

/// The ages of both, and who loses.
std::string age_words(const CellSummary& nagle, const CellSummary& nodelay, const Comparison& age) {
  return fmt::format(
      "{} one way: {} old with Nagle's algorithm (p99 {}, {:.2f} segments a message), {} with "
      "TCP_NODELAY (p99 {}, {:.2f} segments): {}.",
      nagle.spec.name, time_text(nagle.median(Metric::p50_us)),
      time_text(nagle.median(Metric::p99_us)), nagle.median(Metric::segments_per_message),
      time_text(nodelay.median(Metric::p50_us)), time_text(nodelay.median(Metric::p99_us)),
      nodelay.median(Metric::segments_per_message),
      age.is_more()   ? "TCP_NODELAY loses"
      : age.is_less() ? "TCP_NODELAY does not lose here"
                      : "no difference was shown");
}

void dense_messages(PathFindings& path) {
  for (const std::string& name : path.names("N7")) {
    const CellSummary* const nagle = path.cell("N7", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N7", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    const Comparison age = compare(*nodelay, *nagle, Metric::p50_us);
    std::string sentence = age_words(*nagle, *nodelay, age);
    Outcome outcome = expect_more(age);
    if (age.is_more() && sends_more_segments(*nodelay, *nagle)) {
      sentence +=
          " The congestion window counts segments, not bytes: of a new connection ten tiny ones "
          "fill it, and the rest waits for acknowledgements from afar.";
    } else if (age.is_more()) {
      outcome = Outcome::not_shown;
      sentence += " It sends no more segments, though: the window does not explain it.";
    }
    path.add("N7", outcome, sentence + gathered_words(path, "N7", name));
  }
}

/// What a cell's segments take on the link, with their headers.
double link_mbit_per_s(const CellSummary& cell) {
  const double bytes = static_cast<double>(cell.spec.message_bytes()) +
                       cell.median(Metric::segments_per_message) * frame_header_bytes;
  return bits_per_s_of(bytes, cell.spec) / 1e6;
}

/// Nearly full counts: medians are not exact to the last percent.
bool is_link_full(const CellSummary& cell) {
  return link_mbit_per_s(cell) * 1e6 >= 0.95 * static_cast<double>(cell.traits.bits_per_s);
}

void thin_link(PathFindings& path) {
  for (const std::string& name : path.names("N8")) {
    const CellSummary* const nagle = path.cell("N8", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N8", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    const Comparison age = compare(*nodelay, *nagle, Metric::p50_us);
    Outcome outcome = expect_more(age);
    std::string sentence = age_words(*nagle, *nodelay, age);
    sentence += fmt::format(
        " With their headers the segments of both take {:.1f} and {:.1f} Mbit/s, the messages "
        "alone {:.1f}; the link has {:g}.",
        link_mbit_per_s(*nagle), link_mbit_per_s(*nodelay),
        bits_per_s_of(static_cast<double>(nagle->spec.message_bytes()), nagle->spec) / 1e6,
        static_cast<double>(nagle->traits.bits_per_s) / 1e6);
    const bool has_more_headers = sends_more_segments(*nodelay, *nagle);
    if (age.is_more() && has_more_headers && is_link_full(*nodelay)) {
      sentence += " The headers of more segments fill the link, and what exceeds it waits.";
    } else if (age.is_more()) {
      outcome = Outcome::not_shown;
      sentence += has_more_headers
                      ? " The headers of more segments leave room on the link, though: they do not "
                        "explain the difference."
                      : " It sends no more segments, though: headers do not explain the "
                        "difference.";
    }
    path.add("N8", outcome, sentence + gathered_words(path, "N8", name));
  }
}

/// What a segment for each message asks of the link.
bool fills_the_link(const CellSummary& cell) {
  const double bytes = static_cast<double>(cell.spec.message_bytes()) + frame_header_bytes;
  return bits_per_s_of(bytes, cell.spec) > static_cast<double>(cell.traits.bits_per_s);
}

/// Of autocorking: segments first, as it works by them; then the age, and whether they explain it.
std::string autocorking_verdict(const Comparison& segments, const Comparison& age, bool is_full) {
  if (segments.is_less()) {
    return fmt::format("{}, in spite of TCP_NODELAY{}.",
                       is_full ? "While the device is busy the kernel merges"
                               : "The kernel merges, though the link is not full",
                       age.is_less()   ? ", and the messages are younger for it"
                       : age.is_more() ? ", and the messages are older for it"
                                       : "");
  }
  if (segments.is_more()) return "It leaves more segments, which it should not.";
  if (!age.is_shown) {
    return fmt::format("No difference in segments was shown.{}",
                       is_full ? "" : " The link is not full: there is nothing to merge.");
  }
  return fmt::format(
      "No difference in segments was shown, so it does not explain that the messages were {} with "
      "it.",
      age.is_less() ? "younger" : "older");
}

void autocorking(PathFindings& path) {
  for (const std::string& name : path.names("N11")) {
    const CellSummary* const on = path.cell_of("N11", name, "nodelay");
    const CellSummary* const off = path.cell_of("N11", name, "nodelay, no autocork");
    if (on == nullptr || off == nullptr) continue;
    const Comparison segments = compare(*on, *off, Metric::segments_per_message);
    const Comparison age = compare(*on, *off, Metric::p50_us);
    const bool is_full = fills_the_link(*on);
    Outcome outcome = is_full ? expect_less(segments) : expect_equal(segments);
    if (!segments.is_shown && age.is_shown) outcome = std::max(outcome, Outcome::not_shown);
    path.add("N11", outcome,
             fmt::format("{} one way with TCP_NODELAY: {:.2f} segments a message and {} old with "
                         "tcp_autocorking, {:.2f} and {} without. {}",
                         name, on->median(Metric::segments_per_message),
                         time_text(on->median(Metric::p50_us)),
                         off->median(Metric::segments_per_message),
                         time_text(off->median(Metric::p50_us)),
                         autocorking_verdict(segments, age, is_full)));
  }
}

void urgent_message(PathFindings& path) {
  for (const std::string& name : path.names("N12")) {
    const CellSummary* const unbounded = path.cell_of("N12", name, "nodelay");
    const CellSummary* const bounded = path.cell_of("N12", name, "nodelay, lowat 16K");
    if (unbounded == nullptr || bounded == nullptr) continue;
    const Comparison age = compare(*bounded, *unbounded, Metric::p50_us);
    const auto mbit_per_s = [](const CellSummary& cell) {
      return 8 * static_cast<double>(cell.spec.message_bytes()) *
             cell.median(Metric::messages_per_s) / 1e6;
    };
    path.add("N12", expect_less(age),
             fmt::format("{} amid bulk on one connection: {} old when it is read (p99 {}) with "
                         "TCP_NOTSENT_LOWAT of 16 KiB, {} (p99 {}) without, at {:.1f} and {:.1f} "
                         "Mbit/s: {}.",
                         name, time_text(bounded->median(Metric::p50_us)),
                         time_text(bounded->median(Metric::p99_us)),
                         time_text(unbounded->median(Metric::p50_us)),
                         time_text(unbounded->median(Metric::p99_us)), mbit_per_s(*bounded),
                         mbit_per_s(*unbounded),
                         age.is_less() ? "what the kernel has not been given yet can be overtaken, "
                                         "what waits in the socket cannot"
                         : age.is_more() ? "the bound makes it older, which it should not"
                                         : "no difference was shown"));
  }
}

}  // namespace

void find_lateness(PathFindings& path) {
  double late_us = 0;
  double lost = 0;
  std::size_t count = 0;
  std::size_t untrusted = 0;
  double limit_us = 0;
  bool is_realtime = true;
  for (const CellSummary* const cell : path.cells()) {
    if (cell->traits.kind != PathKind::far || cell->rounds.empty()) continue;
    ++count;
    untrusted += cell->is_trusted() ? 0 : 1;
    late_us = std::max(late_us, cell->median(Metric::relay_late_us));
    lost = std::max(lost, cell->spread(Metric::relay_lost).high);
    limit_us = rtt_us(*cell) / 20;
    is_realtime = is_realtime && cell->spread(Metric::relay_realtime).low > 0;
  }
  if (count == 0) return;
  std::string sentence = fmt::format(
      "The relay was late by {} at most (p99 of the packets of a cell, median of its rounds) and "
      "dropped {:.0f} packets at most in a round.",
      time_text(late_us), lost);
  if (!is_realtime) sentence += " It had no real-time priority.";
  if (untrusted > 0) {
    sentence += fmt::format(
        " Of {} cells {} cannot be trusted, as it was later than {} there, 5 % of the round-trip "
        "time: no sentence here is about those.",
        count, untrusted, time_text(limit_us));
  }
  path.add("path", untrusted == 0 ? Outcome::expected : Outcome::not_shown, std::move(sentence));
}

void find_links(PathFindings& path) {
  far_stall(path);
  far_remedies(path);
  dense_messages(path);
  thin_link(path);
  autocorking(path);
  urgent_message(path);
}

}  // namespace weir::tools::bench
