#include "tools/weir/bench/nagle/study_json.h"

#include <nlohmann/json.hpp>

#include "tools/weir/bench/nagle/findings.h"
#include "tools/weir/common/environment_json.h"
#include "tools/weir/common/version.h"

namespace weir::tools::bench {
namespace {

Json cell_json(const CellSummary& cell) {
  Json rounds = Json::array();
  for (const CellMetrics& round : cell.rounds) {
    Json values = Json::object();
    for (std::size_t i = 0; i < metric_count; ++i) {
      values[std::string(to_text(static_cast<Metric>(i)))] = round[i];
    }
    rounds.push_back(std::move(values));
  }
  Json json = {
      {"name", describe(cell)},
      {"scenario", cell.spec.scenario},
      {"path", cell.path},
      {"case", cell.spec.name},
      {"mode", to_text(cell.spec.mode)},
      {"sender", sender_text(cell.spec)},
      {"acks", cell.spec.acks == AckMode::quick ? "quick" : "delayed"},
      {"parts_bytes", cell.spec.parts},
      {"answer_bytes", cell.spec.answer_bytes},
      {"depth", cell.spec.depth},
      {"interval_ns", cell.spec.interval.count()},
      {"burst", cell.spec.burst},
      {"end", cell.spec.end == StreamEnd::after_answer ? "after_answer" : "with_last_message"},
      {"batch_bytes", cell.spec.batch_bytes},
      {"batch_delay_ns", cell.spec.batch_delay.count()},
      {"bulk_bytes", cell.spec.bulk_bytes},
      {"notsent_lowat_bytes", cell.spec.notsent_lowat_bytes},
      {"congestion_control", cell.congestion_control},
      {"autocorking", cell.spec.autocorking == Autocorking::on},
      {"path_mtu", cell.traits.mtu},
      {"path_rtt_ns", cell.traits.rtt.count()},
      {"path_bits_per_s", cell.traits.bits_per_s},
      {"trusted", cell.is_trusted()},
      {"rounds", std::move(rounds)}};
  if (!cell.failure.empty()) json["failure"] = cell.failure;
  return json;
}

}  // namespace

Json study_json(const StudyResult& result, const std::string& command) {
  Json cells = Json::array();
  for (const CellSummary& cell : result.cells) cells.push_back(cell_json(cell));
  Json findings = Json::array();
  for (const Finding& finding : findings_of(result.cells)) {
    findings.push_back({{"scenario", finding.scenario},
                        {"path", finding.path},
                        {"sentence", finding.sentence},
                        {"outcome", to_text(finding.outcome)},
                        {"is_expected", finding.outcome == Outcome::expected}});
  }
  return {{"format", "weir-bench"},
          {"version", 1},
          {"suite", "nagle"},
          {"command", command},
          {"program", version_line()},
          {"machine", environment_json(SystemFiles())},
          {"congestion_control", result.congestion_control},
          {"ends_apart", result.is_apart},
          {"left_out", result.left_out},
          {"cells", std::move(cells)},
          {"findings", std::move(findings)}};
}

}  // namespace weir::tools::bench
