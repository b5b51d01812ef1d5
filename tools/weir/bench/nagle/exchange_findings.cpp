// Requests and their answers: N1, N3, N4, N13, N14.

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_findings.h"

namespace weir::tools::bench {
namespace {

constexpr double stall_us = std::chrono::duration<double, std::micro>(stall_min).count();

void stall(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N1", "4 + 60 B", WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N1", "4 + 60 B", WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const double with = nagle->median(Metric::p50_us);
  const double without = nodelay->median(Metric::p50_us);
  if (nagle->median(Metric::stalls) >= stall_share_min) {
    path.add("N1", true,
             fmt::format(
                 "A request in two small writes waits for the receiver's delayed "
                 "acknowledgement: {} with Nagle's algorithm, {} with TCP_NODELAY. The second "
                 "write is held until the first is acknowledged, and the receiver has nothing "
                 "to answer yet that could carry the acknowledgement. The first exchanges of a "
                 "connection took {}: the kernel acknowledges those at once.",
                 time_text(with), time_text(without), time_text(nagle->median(Metric::first_us))));
  } else {
    path.add(
        "N1", false,
        fmt::format("A request in two small writes did not stall here, as it should with Nagle's "
                    "algorithm: {}, and {} with TCP_NODELAY.",
                    time_text(with), time_text(without)));
  }
}

void remedies(PathFindings& path) {
  std::string rows;
  bool is_expected = true;
  for (const WriteMode mode :
       {WriteMode::nodelay, WriteMode::cork, WriteMode::msg_more, WriteMode::gather,
        WriteMode::flush_io_uring, WriteMode::flush_epoll}) {
    const CellSummary* const found = path.cell("N1", "4 + 60 B", mode);
    if (found == nullptr) continue;
    const double segments = found->median(Metric::segments_per_message);
    is_expected = is_expected && found->median(Metric::stalls) <= stall_share_max &&
                  (mode == WriteMode::nodelay || segments < 1.5);
    rows += fmt::format(
        "{}{}: {}, {:.1f} segments, {:.1f} system calls, {:.1f} us of the sender's "
        "processor",
        rows.empty() ? "" : "; ", to_text(mode), time_text(found->median(Metric::p50_us)), segments,
        found->median(Metric::sender_calls_per_message),
        found->median(Metric::sender_cpu_us_per_message));
  }
  if (rows.empty()) return;
  path.add(
      "N1", is_expected,
      "What ends the stall, an exchange: " + rows +
          ". TCP_NODELAY sends both parts by themselves; the others make one segment of them.");
}

void quick_acks(PathFindings& path) {
  const CellSummary* const quick = path.cell("N1", "4 + 60 B", WriteMode::nagle, AckMode::quick);
  if (quick == nullptr) return;
  const bool ends = quick->median(Metric::stalls) <= stall_share_max;
  path.add("N1", ends,
           fmt::format("TCP_QUICKACK after each read of the receiver {} the stall ({}), at {:.1f} "
                       "acknowledgements and {:.1f} of its system calls an exchange.",
                       ends ? "ends" : "does not end", time_text(quick->median(Metric::p50_us)),
                       quick->median(Metric::acks_per_message),
                       quick->median(Metric::receiver_calls_per_message)));
}

void body_sizes(PathFindings& path) {
  std::string rows;
  const CellSummary* largest = nullptr;
  for (const std::string& name : path.names("N3")) {
    const CellSummary* const nagle = path.cell("N3", name, WriteMode::nagle);
    if (nagle == nullptr) continue;
    rows +=
        fmt::format("{}{}: {:.0f} % (p50 {})", rows.empty() ? "" : ", ", name,
                    100 * nagle->median(Metric::stalls), time_text(nagle->median(Metric::p50_us)));
    if (largest == nullptr || nagle->spec.message_bytes() > largest->spec.message_bytes()) {
      largest = nagle;
    }
  }
  if (largest == nullptr) return;
  const bool ends = largest->median(Metric::stalls) <= stall_share_max;
  path.add(
      "N3", ends,
      fmt::format("Exchanges that stall with Nagle's algorithm, by the sizes of their two writes: "
                  "{}. {}",
                  rows,
                  ends ? "A body of more than a segment ends it: the arrival of a full one is "
                         "acknowledged at once. So the larger the MTU, the larger the requests "
                         "that stall."
                       : "A body of more than a segment should have ended it, and did not."));
}

void single_write(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N4", "64 B", WriteMode::nagle);
  const CellSummary* const nodelay = path.cell("N4", "64 B", WriteMode::nodelay);
  if (nagle == nullptr || nodelay == nullptr) return;
  const bool stalls = nagle->median(Metric::p50_us) > stall_us;
  path.add("N4", !stalls,
           fmt::format("The same request in one write takes {} with Nagle's algorithm and {} with "
                       "TCP_NODELAY: {}.",
                       time_text(nagle->median(Metric::p50_us)),
                       time_text(nodelay->median(Metric::p50_us)),
                       stalls ? "it stalls, which it should not"
                              : "the algorithm is not slow in itself, two small writes are"));
}

void pipelines(PathFindings& path) {
  for (const std::string& name : path.names("N13")) {
    const CellSummary* const nagle = path.cell("N13", name, WriteMode::nagle);
    const CellSummary* const nodelay = path.cell("N13", name, WriteMode::nodelay);
    if (nagle == nullptr || nodelay == nullptr) continue;
    std::string sentence = fmt::format(
        "{}: {:.2f} segments a request with Nagle's algorithm, {:.2f} with "
        "TCP_NODELAY; {}.",
        name, nagle->median(Metric::segments_per_message),
        nodelay->median(Metric::segments_per_message), rate_words(*nagle, *nodelay));
    if (const CellSummary* const weir = path.cell("N13", name, WriteMode::flush_io_uring)) {
      sentence += fmt::format(" weir on io_uring: {:.2f} segments, {:.2f} system calls a request.",
                              weir->median(Metric::segments_per_message),
                              weir->median(Metric::sender_calls_per_message));
    }
    path.add("N13", true, std::move(sentence));
  }
}

void held_tail(PathFindings& path) {
  const CellSummary* const nagle = path.cell("N14", "4 + 60 B", WriteMode::nagle);
  if (nagle == nullptr) return;
  const double took = nagle->median(Metric::elapsed_us);
  path.add(
      "N14", took < stall_us,
      fmt::format("Two small writes and the end of the stream are received after {}: {}.",
                  time_text(took),
                  took < stall_us ? "the FIN releases what Nagle's algorithm holds"
                                  : "the end waits for the acknowledgement, which it should not"));
}

}  // namespace

void find_exchanges(PathFindings& path) {
  stall(path);
  remedies(path);
  quick_acks(path);
  body_sizes(path);
  single_write(path);
  pipelines(path);
  held_tail(path);
}

}  // namespace weir::tools::bench
