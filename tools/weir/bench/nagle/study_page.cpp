#include "tools/weir/bench/nagle/study_page.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/doctor/doctor_text.h"
#include "tools/weir/bench/nagle/advice.h"
#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/bench/nagle/study_plots.h"
#include "tools/weir/bench/nagle/study_text.h"

namespace weir::tools::bench {
namespace {

constexpr std::string_view background = R"(
Two rules, each sensible, quarrel. **Nagle's algorithm** (RFC 896), on by default, holds a segment
that is not full while another that was not full is unacknowledged, so that many small writes become
few segments. A **delayed acknowledgement** (RFC 1122) waits, 40 ms on Linux, for an answer that
could carry it. A program that writes a request in two small pieces and then waits for the answer
has both against it: the second piece waits for the acknowledgement of the first, and that waits for
an answer which needs the second piece. `TCP_NODELAY` switches the algorithm off; what that costs,
where it loses, and what does better is measured here.
)";

constexpr std::string_view detector = R"(
No setting keeps messages apart: a stream has no boundaries, and only framing does. N9 counts how
often they stuck together and were cut here.

**Does your program do this?** weir's streams have `TCP_NODELAY` on, and what one turn queues
leaves in one piece. Where you switch it off (`set_nodelay(Switch::off)`), the runtime watches for
the stall: two or more writes below a segment, in sends of their own, then an answer that a reader
waited 30 to 500 ms for. Whether the kernel held the last write is not guessed from the wait:
`TCP_INFO` tells. Each such connection counts once in `ShardStats::nagle_stalls`, and the first of a
run is a line for `RuntimeOptions::log`, with the remedy. A peer that is merely slow does not count.
To see it:
`weir load --codec len32 --pattern wwr --nodelay off` against `weir serve echo --codec len32`.
)";

/// What the costs are costs of.
constexpr std::string_view counted_text =
    "System calls and processor time of a sender are those of its writes, and of the sleep until "
    "the next message is due: a timer of the runtime, a nanosleep of the blocking sender. What the "
    "latter spins after that, the last 80 us before a message is due, is for the sake of the "
    "measurement and is not counted, up to two readings of the thread's clock. So where messages "
    "are due more often than that the blocking sender never sleeps and its cost is that of its "
    "writes alone, while the runtime's is that of its turns too.";

constexpr std::string_view columns_text =
    "`p99.9` needs 1000 samples in a round, and `stalls` are exchanges of more than 30 ms (from "
    "afar: and two round trips). A message: `seg/m` segments with data that leave the sender, "
    "`B/seg` bytes in each, `ack/m` segments without data that come back, `sys/m` system calls and "
    "`us/m` processor time of the sender. `merged`: reads that brought parts of several messages; "
    "`cut`: messages that came in several reads. In N12 the bulk counts as messages of 64 B.";

/// What lies between the two ends.
std::string_view path_note(const CellSummary& cell) {
  switch (cell.traits.kind) {
    case PathKind::loopback:
      return cell.traits.mtu > 10'000
                 ? "An MTU of 65536: nearly every message is smaller than a segment, and no wire "
                   "is "
                   "in the way. What is shown here does not carry over to a network by itself."
                 : "In a network namespace, with the segments of an Ethernet.";
    case PathKind::veth:
      return "Two network namespaces joined by a pair of virtual Ethernet devices.";
    case PathKind::thin:
      return "The same with a token bucket (TBF) towards the server. That is a rate, not a delay: "
             "a "
             "packet that comes alone passes at once, and what exceeds the rate waits in a queue.";
    case PathKind::far:
      return "Two network namespaces with a TUN device each, and a relay that hands every IP "
             "packet "
             "over after half the round-trip time, acknowledgements too: an emulated delay line "
             "with one queue each way, without loss and without a rate.";
  }
  std::unreachable();
}

std::string advice_text(const StudyResult& result) {
  std::string text =
      "\nWhat to do, best first, and which numbers of this run show it (medians). Where none does, "
      "that is said.\n\n";
  int number = 0;
  for (const Advice& advice : advice_of(result.cells)) {
    text += fmt::format("{}. {}\n", ++number, to_text(advice));
  }
  return text;
}

std::string findings_text(const StudyResult& result) {
  std::string text;
  std::string path;
  for (const Finding& finding : findings_of(result.cells)) {
    if (finding.path != path) {
      const auto cell = std::ranges::find(result.cells, finding.path, &CellSummary::path);
      text += fmt::format("\n## On {}\n\n{}\n\n", finding.path, path_note(*cell));
    }
    path = finding.path;
    text += fmt::format("- {}**{}** {}\n", mark_of(finding.outcome), finding.scenario,
                        finding.sentence);
  }
  return text;
}

std::string plots_text(const StudyResult& result) {
  std::string text;
  for (const StudyPlot& plot : study_plots(result.cells)) {
    text += fmt::format("\n![{}]({})\n", plot.title, plot.file);
  }
  return text.empty() ? text : "\n## In pictures\n" + text;
}

}  // namespace

std::string study_page(const StudyResult& result, const std::string& machine,
                       const std::string& command) {
  std::string page = fmt::format(
      "# Nagle's algorithm, delayed acknowledgements, and what to do about them\n{}{}{}",
      background, advice_text(result), detector);
  page += fmt::format(
      "\nMeasured by `{}` on {}. Congestion control {} but where N15 varies it, {} rounds in "
      "random order, medians; sender "
      "and receiver {}. Ages and times count from when a message was due. A sentence marked "
      "\"unexpected\" contradicts what theory expects, one marked \"not shown here\" leaves it "
      "open. \"No difference was shown\" means that the rounds of the two overlap, or that their "
      "medians are less than a fifth apart.\n",
      command, machine, result.congestion_control, result.rounds,
      result.is_apart ? "on a processor of their own each" : "on one processor");
  for (const NetworkInterface& one : result.machine.interfaces) {
    page += fmt::format("\nNetwork interface {}.\n", network_interface_text(one));
  }
  for (const std::string& line : path_end_lines(result.path_ends)) {
    page += fmt::format("\n{}.\n", line);
  }
  if (const std::string record = machine_record_text(result.record); !record.empty()) {
    page += fmt::format("\n{}\n", record);
  }
  if (const std::string noisy = noise_line(result.record.noise); !noisy.empty()) {
    page += fmt::format("\n{}", noisy);
  }
  page += fmt::format("\n{}\n", counted_text);
  page += plots_text(result) + findings_text(result);
  if (!result.left_out.empty()) {
    page += "\n## Left out\n\n";
    for (const std::string& reason : result.left_out) page += fmt::format("- {}\n", reason);
  }
  return page +
         fmt::format("\n## All cells\n\n{}\n\n```text\n{}```\n", columns_text, study_table(result));
}

}  // namespace weir::tools::bench
