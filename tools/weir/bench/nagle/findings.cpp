#include "tools/weir/bench/nagle/findings.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/cell_table.h"

namespace weir::tools::bench {
namespace {

constexpr double stall_us = std::chrono::duration<double, std::micro>(stall_min).count();
/// Of the exchanges: nearly every one has to stall. A busy host may add a pause of its own.
constexpr double stall_share_min = 0.8;
constexpr double stall_share_max = 0.1;
/// Ratios nearer to 1 than this are no difference.
constexpr double ratio_min = 1.2;

std::string time_text(double us) {
  return us >= 1000 ? fmt::format("{:.1f} ms", us / 1000) : fmt::format("{:.0f} us", us);
}

/// The findings of one path.
class PathFindings {
 public:
  PathFindings(const CellTable& table, std::string path) : table_(table), path_(std::move(path)) {}

  std::vector<Finding> take() {
    stall();
    remedies();
    quick_acks();
    body_sizes();
    single_write();
    floods();
    sticky_reads();
    paced();
    pipelines();
    held_tail();
    return std::move(findings_);
  }

 private:
  [[nodiscard]] const CellSummary* cell(std::string_view scenario, std::string_view name,
                                        WriteMode mode, AckMode acks = AckMode::delayed) const {
    return table_.find(path_, scenario, name, mode, acks);
  }
  void add(std::string_view scenario, bool is_expected, std::string sentence) {
    findings_.push_back({.scenario = std::string(scenario),
                         .path = path_,
                         .sentence = std::move(sentence),
                         .is_expected = is_expected});
  }

  void stall() {
    const CellSummary* const nagle = cell("N1", "4 + 60 B", WriteMode::nagle);
    const CellSummary* const nodelay = cell("N1", "4 + 60 B", WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) return;
    const double with = nagle->median(Metric::p50_us);
    const double without = nodelay->median(Metric::p50_us);
    if (nagle->median(Metric::stalls) >= stall_share_min) {
      add("N1", true,
          fmt::format(
              "A request in two small writes waits for the receiver's delayed "
              "acknowledgement: {} with Nagle's algorithm, {} with TCP_NODELAY. The second "
              "write is held until the first is acknowledged, and the receiver has nothing "
              "to answer yet that could carry the acknowledgement. The first exchanges of a "
              "connection took {}: the kernel acknowledges those at once.",
              time_text(with), time_text(without), time_text(nagle->median(Metric::first_us))));
    } else {
      add("N1", false,
          fmt::format("A request in two small writes did not stall here, as it should with Nagle's "
                      "algorithm: {}, and {} with TCP_NODELAY.",
                      time_text(with), time_text(without)));
    }
  }

  void remedies() {
    std::string rows;
    bool is_expected = true;
    for (const WriteMode mode :
         {WriteMode::nodelay, WriteMode::cork, WriteMode::msg_more, WriteMode::gather,
          WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
      const CellSummary* const found = cell("N1", "4 + 60 B", mode);
      if (found == nullptr) continue;
      const double segments = found->median(Metric::segments_per_message);
      is_expected = is_expected && found->median(Metric::stalls) <= stall_share_max &&
                    (mode == WriteMode::nodelay || segments < 1.5);
      rows += fmt::format(
          "{}{}: {}, {:.1f} segments, {:.1f} system calls, {:.1f} us of the sender's "
          "processor",
          rows.empty() ? "" : "; ", to_text(mode), time_text(found->median(Metric::p50_us)),
          segments, found->median(Metric::sender_calls_per_message),
          found->median(Metric::sender_cpu_us_per_message));
    }
    if (rows.empty()) return;
    add("N1", is_expected,
        "What ends the stall, an exchange: " + rows +
            ". TCP_NODELAY sends both parts by themselves; the others make one segment of them.");
  }

  void quick_acks() {
    const CellSummary* const quick = cell("N1", "4 + 60 B", WriteMode::nagle, AckMode::quick);
    if (quick == nullptr) return;
    const bool ends = quick->median(Metric::stalls) <= stall_share_max;
    add("N1", ends,
        fmt::format("TCP_QUICKACK after each read of the receiver {} the stall ({}), at {:.1f} "
                    "acknowledgements and {:.1f} of its system calls an exchange.",
                    ends ? "ends" : "does not end", time_text(quick->median(Metric::p50_us)),
                    quick->median(Metric::acks_per_message),
                    quick->median(Metric::receiver_calls_per_message)));
  }

  void body_sizes() {
    std::string rows;
    const CellSummary* largest = nullptr;
    for (const std::string& name : table_.names(path_, "N3")) {
      const CellSummary* const nagle = cell("N3", name, WriteMode::nagle);
      if (nagle == nullptr) continue;
      rows += fmt::format("{}{}: {:.0f} % (p50 {})", rows.empty() ? "" : ", ", name,
                          100 * nagle->median(Metric::stalls),
                          time_text(nagle->median(Metric::p50_us)));
      if (largest == nullptr || nagle->spec.message_bytes() > largest->spec.message_bytes()) {
        largest = nagle;
      }
    }
    if (largest == nullptr) return;
    const bool ends = largest->median(Metric::stalls) <= stall_share_max;
    add("N3", ends,
        fmt::format(
            "Exchanges that stall with Nagle's algorithm, by the sizes of their two writes: "
            "{}. {}",
            rows,
            ends ? "A body of more than a segment ends it: the arrival of a full one is "
                   "acknowledged at once. So the larger the MTU, the larger the requests "
                   "that stall."
                 : "A body of more than a segment should have ended it, and did not."));
  }

  void single_write() {
    const CellSummary* const nagle = cell("N4", "64 B", WriteMode::nagle);
    const CellSummary* const nodelay = cell("N4", "64 B", WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) return;
    const bool stalls = nagle->median(Metric::p50_us) > stall_us;
    add("N4", !stalls,
        fmt::format("The same request in one write takes {} with Nagle's algorithm and {} with "
                    "TCP_NODELAY: {}.",
                    time_text(nagle->median(Metric::p50_us)),
                    time_text(nodelay->median(Metric::p50_us)),
                    stalls ? "it stalls, which it should not"
                           : "the algorithm is not slow in itself, two small writes are"));
  }

  void floods() {
    for (const std::string& name : table_.names(path_, "N5")) {
      const CellSummary* const nagle = cell("N5", name, WriteMode::nagle);
      const CellSummary* const nodelay = cell("N5", name, WriteMode::nodelay);
      if (nagle == nullptr || nodelay == nullptr) continue;
      std::string sentence = fmt::format(
          "{} one way: {:.0f} bytes a segment with Nagle's algorithm, {:.0f} with TCP_NODELAY; {}.",
          name, nagle->median(Metric::bytes_per_segment),
          nodelay->median(Metric::bytes_per_segment), rate_words(*nagle, *nodelay));
      const CellSummary* const flush = cell("N5", name, WriteMode::flush_io_uring);
      const CellSummary* const flush_epoll = cell("N5", name, WriteMode::flush_epoll);
      const CellSummary* const weir = flush != nullptr ? flush : flush_epoll;
      if (weir != nullptr) {
        sentence += fmt::format(
            " Queued, and flushed once a turn, with TCP_NODELAY on: {:.0f} bytes a segment, {:.1f} "
            "times as many messages a second as with one call each.",
            weir->median(Metric::bytes_per_segment),
            weir->median(Metric::messages_per_s) /
                std::max(1.0, nodelay->median(Metric::messages_per_s)));
      }
      add("N5", true, std::move(sentence));
    }
  }

  /// A ratio only where the rounds of both do not overlap.
  static std::string rate_words(const CellSummary& nagle, const CellSummary& nodelay) {
    const Spread with = nagle.spread(Metric::messages_per_s);
    const Spread without = nodelay.spread(Metric::messages_per_s);
    const double ratio = with.median / std::max(1.0, without.median);
    if ((with.low <= without.high && without.low <= with.high) ||
        (ratio < ratio_min && ratio > 1 / ratio_min)) {
      return "no difference in messages a second was shown";
    }
    return ratio > 1 ? fmt::format("{:.1f} times as many messages a second with it", ratio)
                     : fmt::format("{:.1f} times as many messages a second without it", 1 / ratio);
  }

  void sticky_reads() {
    std::string rows;
    for (const std::string& name : table_.names(path_, "N5")) {
      const CellSummary* const nagle = cell("N5", name, WriteMode::nagle);
      const CellSummary* const nodelay = cell("N5", name, WriteMode::nodelay);
      if (nagle == nullptr || nodelay == nullptr) continue;
      rows += fmt::format("{}{}: {:.0f} % and {:.0f} %", rows.empty() ? "" : "; ", name,
                          100 * nagle->median(Metric::merged_reads),
                          100 * nodelay->median(Metric::merged_reads));
    }
    if (rows.empty()) return;
    add("N9", true,
        "Reads that brought several messages, with Nagle's algorithm and with TCP_NODELAY: " +
            rows + ". Messages stick together either way: only framing tells them apart.");
  }

  void paced() {
    for (const std::string& name : table_.names(path_, "N6")) {
      const CellSummary* const nagle = cell("N6", name, WriteMode::nagle);
      const CellSummary* const nodelay = cell("N6", name, WriteMode::nodelay);
      if (nagle == nullptr || nodelay == nullptr) continue;
      add("N6", true,
          fmt::format("{} one way: with Nagle's algorithm a message is {} old when it is read (p99 "
                      "{}) and {:.2f} segments leave for each, with TCP_NODELAY {} (p99 {}) and "
                      "{:.2f}.",
                      name, time_text(nagle->median(Metric::p50_us)),
                      time_text(nagle->median(Metric::p99_us)),
                      nagle->median(Metric::segments_per_message),
                      time_text(nodelay->median(Metric::p50_us)),
                      time_text(nodelay->median(Metric::p99_us)),
                      nodelay->median(Metric::segments_per_message)));
    }
  }

  void pipelines() {
    for (const std::string& name : table_.names(path_, "N13")) {
      const CellSummary* const nagle = cell("N13", name, WriteMode::nagle);
      const CellSummary* const nodelay = cell("N13", name, WriteMode::nodelay);
      if (nagle == nullptr || nodelay == nullptr) continue;
      std::string sentence = fmt::format(
          "{}: {:.2f} segments a request with Nagle's algorithm, {:.2f} with "
          "TCP_NODELAY; {}.",
          name, nagle->median(Metric::segments_per_message),
          nodelay->median(Metric::segments_per_message), rate_words(*nagle, *nodelay));
      if (const CellSummary* const weir = cell("N13", name, WriteMode::flush_io_uring)) {
        sentence +=
            fmt::format(" weir on io_uring: {:.2f} segments, {:.2f} system calls a request.",
                        weir->median(Metric::segments_per_message),
                        weir->median(Metric::sender_calls_per_message));
      }
      add("N13", true, std::move(sentence));
    }
  }

  void held_tail() {
    const CellSummary* const nagle = cell("N14", "4 + 60 B", WriteMode::nagle);
    if (nagle == nullptr) return;
    const double took = nagle->median(Metric::elapsed_us);
    add("N14", took < stall_us,
        fmt::format("Two small writes and the end of the stream are received after {}: {}.",
                    time_text(took),
                    took < stall_us
                        ? "the FIN releases what Nagle's algorithm holds"
                        : "the end waits for the acknowledgement, which it should not"));
  }

  const CellTable& table_;
  std::string path_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> findings_of(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  std::vector<Finding> findings;
  for (const std::string& path : table.paths()) {
    std::ranges::move(PathFindings(table, path).take(), std::back_inserter(findings));
  }
  return findings;
}

std::optional<std::string> self_check(std::span<const CellSummary> cells) {
  const CellTable table(cells);
  for (const std::string& path : table.paths()) {
    const CellSummary* const nagle = table.find(path, "N1", "4 + 60 B", WriteMode::nagle);
    const CellSummary* const nodelay = table.find(path, "N1", "4 + 60 B", WriteMode::nodelay);
    if (nagle != nullptr && nagle->median(Metric::stalls) < stall_share_min) {
      return fmt::format(
          "{}: two small writes with Nagle's algorithm must wait for a delayed acknowledgement of "
          "40 ms, but {:.0f} % of the exchanges took over 30 ms; is `quickack` set for the route, "
          "or the delay changed?",
          path, 100 * nagle->median(Metric::stalls));
    }
    if (nodelay != nullptr && nodelay->median(Metric::stalls) > stall_share_max) {
      return fmt::format(
          "{}: with TCP_NODELAY nothing waits, but {:.0f} % of the exchanges took over 30 ms: this "
          "host is too busy for the study",
          path, 100 * nodelay->median(Metric::stalls));
    }
  }
  return std::nullopt;
}

}  // namespace weir::tools::bench
