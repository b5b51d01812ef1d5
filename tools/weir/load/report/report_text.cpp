#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/cpu_list.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/wrap_text.h"
#include "tools/weir/load/report/datagram_text.h"
#include "tools/weir/load/report/gate_lines.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/report/next_command.h"
#include "tools/weir/load/report/report.h"
#include "tools/weir/load/report/run_details.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t result_columns_max = 80;

std::string heading(const LoadReport& report, TextStyle style) {
  const Options& options = report.options;
  std::string text =
      fmt::format("{}  {}\n", emphasize("weir load", Emphasis::strong, style), options.target.text);
  const WrapOptions wrap{.start = 2, .indent = 2};
  text += fmt::format("  {}\n", wrap_text(load_words(options), wrap));
  text += fmt::format("  {}\n", wrap_text(place_words(report), wrap));
  return text + fmt::format("  {}\n", wrap_text(describe(report.machine), wrap));
}

/// A part of the result line.
struct ResultPiece {
  std::string text;
  std::optional<Emphasis> emphasis{};
};

/// Two spaces between pieces; a line that would get too long goes on in the next.
std::string join_pieces(const std::vector<ResultPiece>& pieces, TextStyle style) {
  std::string out;
  std::size_t at = 0;
  for (const ResultPiece& piece : pieces) {
    if (at > 0 && at + 2 + piece.text.size() > result_columns_max) {
      out += '\n';
      at = 0;
    }
    out += out.empty() ? "" : "  ";
    out += piece.emphasis ? emphasize(piece.text, *piece.emphasis, style) : piece.text;
    at += 2 + piece.text.size();
  }
  return out + '\n';
}

Emphasis emphasis_of(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return Emphasis::good;
    case Verdict::lossy:
    case Verdict::saturated:
      return Emphasis::doubtful;
    case Verdict::slo_failed:
    case Verdict::untrusted:
    case Verdict::failed:
    case Verdict::nothing_succeeded:
      break;
  }
  return Emphasis::bad;
}

std::vector<ResultPiece> one_way_pieces(const LoadReport& report) {
  std::vector<ResultPiece> pieces;
  const std::string_view noun = report.datagrams ? "datagram" : "message";
  pieces.push_back({plural(report.requests.sent, noun) + " sent"});
  if (report.errors.total() > 0) pieces.push_back({plural(report.errors.total(), "error")});
  return pieces;
}

std::vector<ResultPiece> result_pieces(const LoadReport& report) {
  std::vector<ResultPiece> pieces;
  pieces.push_back({fmt::format("{} in {}", plural(report.requests.answered, "answer"),
                                format_seconds(report.measured))});
  if (report.requests.answered > 0) pieces.push_back({rate_words(report), Emphasis::strong});
  const std::uint64_t lost = report.datagrams ? report.datagrams->counts.lost : 0;
  if (lost > 0) pieces.push_back({fmt::format("{} lost", format_count(lost))});
  if (report.errors.total() > 0 || report.requests.answered == 0) {
    pieces.push_back({plural(report.errors.total(), "error")});
  } else if (const std::string_view checked = checked_words(report.options); !checked.empty()) {
    pieces.push_back({std::string(checked)});
  }
  return pieces;
}

std::string result_lines(const LoadReport& report, TextStyle style) {
  const Verdict verdict = verdict_of(report);
  std::vector<ResultPiece> pieces = {{std::string(verdict_heading(verdict)), emphasis_of(verdict)}};
  const bool is_one_way = report.options.answers == Answers::none;
  for (ResultPiece& piece : is_one_way ? one_way_pieces(report) : result_pieces(report)) {
    pieces.push_back(std::move(piece));
  }
  std::string text = join_pieces(pieces, style);
  if (verdict == Verdict::saturated) {
    text += "  the server is the limit: requests waited until a connection was free\n";
  }
  if (report.interrupted) text += "  interrupted: the run was longer than this\n";
  if (report.aborted) text += "  aborted: a condition of --abort-on held\n";
  return text;
}

std::string judgement(const LoadReport& report, TextStyle style) {
  std::string out = trust_lines(report, style) + slo_lines(report, style);
  if (const auto next = next_command(report)) {
    out += fmt::format("{}   {}\n", emphasize("Next", Emphasis::faint, style), *next);
  }
  return out;
}

}  // namespace

std::string report_text(const LoadReport& report, TextStyle style) {
  std::string out = heading(report, style);
  for (const std::string& part :
       {result_lines(report, style), latency_table(report, style), run_details(report, style),
        losses_text(report), judgement(report, style)}) {
    if (!part.empty()) out += '\n' + part;
  }
  return out;
}

}  // namespace weir::tools::load
