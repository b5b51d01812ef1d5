#include "tools/weir/bench/nagle/study_text.h"

#include <fmt/format.h>

#include "tools/weir/bench/nagle/findings.h"

namespace weir::tools::bench {
namespace {

std::string mode_text(const CellSpec& spec) {
  return fmt::format("{}{}", to_text(spec.mode), spec.acks == AckMode::quick ? ", quick ACKs" : "");
}

std::string time_text(double us) {
  if (us >= 10'000) return fmt::format("{:.1f} ms", us / 1000);
  return fmt::format("{:.0f} us", us);
}

std::string heading(const CellSummary& cell) {
  return fmt::format(
      "{} on {}: {}\n  p50, p99: {}\n", cell.spec.scenario, cell.path, cell.question,
      cell.spec.is_one_way() ? "age of a message when it is read" : "time of an exchange");
}

std::string columns() {
  return fmt::format("  {:<18} {:<20} {:>9} {:>9} {:>10} {:>6} {:>6} {:>6} {:>6}\n", "", "", "p50",
                     "p99", "messages/s", "seg/m", "sys/m", "us/m", "merged");
}

std::string row(const CellSummary& cell) {
  if (cell.rounds.empty()) {
    return fmt::format("  {:<18} {:<20} {}\n", cell.spec.name, mode_text(cell.spec), cell.failure);
  }
  return fmt::format(
      "  {:<18} {:<20} {:>9} {:>9} {:>10.0f} {:>6.2f} {:>6.2f} {:>6.2f} {:>5.0f}%\n",
      cell.spec.name, mode_text(cell.spec), time_text(cell.median(Metric::p50_us)),
      time_text(cell.median(Metric::p99_us)), cell.median(Metric::messages_per_s),
      cell.median(Metric::segments_per_message), cell.median(Metric::sender_calls_per_message),
      cell.median(Metric::sender_cpu_us_per_message), 100 * cell.median(Metric::merged_reads));
}

}  // namespace

std::string study_table(const StudyResult& result) {
  std::string text;
  const CellSummary* before = nullptr;
  for (const CellSummary& cell : result.cells) {
    const bool is_new = before == nullptr || before->path != cell.path ||
                        before->spec.scenario != cell.spec.scenario;
    if (is_new)
      text += fmt::format("{}{}{}", before == nullptr ? "" : "\n", heading(cell), columns());
    text += row(cell);
    before = &cell;
  }
  return text;
}

std::string study_page(const StudyResult& result, const std::string& machine,
                       const std::string& command) {
  std::string page = fmt::format(
      "# Nagle's algorithm, delayed acknowledgements, and what to do about them\n\n"
      "Measured by `{}` on {}. Congestion control {}, {} rounds in random order, medians; sender "
      "and "
      "receiver {}.\n",
      command, machine, result.congestion_control, result.rounds,
      result.is_apart ? "on a processor of their own each" : "on one processor");
  std::string path;
  for (const Finding& finding : findings_of(result.cells)) {
    if (finding.path != path) page += fmt::format("\n## On {}\n\n", finding.path);
    path = finding.path;
    page += fmt::format("- {}**{}** {}\n", finding.is_expected ? "" : "(unexpected) ",
                        finding.scenario, finding.sentence);
  }
  if (!result.left_out.empty()) {
    page += "\n## Left out\n\n";
    for (const std::string& reason : result.left_out) page += fmt::format("- {}\n", reason);
  }
  page += fmt::format(
      "\n## All cells\n\nA message: `seg/m` segments with data that leave the sender, `sys/m` "
      "system "
      "calls and `us/m` processor time of the sender; `merged`: reads that brought parts of "
      "several "
      "messages.\n\n```text\n{}```\n",
      study_table(result));
  return page;
}

}  // namespace weir::tools::bench
