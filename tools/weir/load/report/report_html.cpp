#include "tools/weir/load/report/report_html.h"

#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/html_page.h"
#include "tools/weir/load/report/html_sections.h"
#include "tools/weir/load/report/html_text.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/report/latency_table.h"
#include "tools/weir/load/report/load_words.h"
#include "tools/weir/load/report/report_charts.h"

namespace weir::tools::load {
namespace {

std::string card(std::string_view name, const std::string& value) {
  return fmt::format("<li><span>{}</span><b>{}</b></li>\n", html_escaped(name),
                     html_escaped(value));
}

std::string header_markup(const LoadReport& report) {
  return fmt::format(
      "<header>\n<div>\n<p class=\"over\">weir load report</p>\n<h1>{}</h1>\n"
      "<p class=\"about\">{}</p>\n</div>\n<button type=\"button\" id=\"theme\" "
      "hidden>Dark</button>\n</header>\n",
      html_escaped(report.options.target.text), html_escaped(load_words(report.options)));
}

/// The verdict and, if they failed, the rules that make it doubtful.
std::string verdict_markup(const LoadReport& report) {
  const Verdict verdict = verdict_of(report);
  std::string out = fmt::format(
      "<div class=\"verdict {}\" role=\"status\">\n<p><b>{}</b> <span>{}</span></p>\n",
      verdict_class(verdict), verdict_heading(verdict), html_escaped(verdict_sentence(report)));
  for (const TrustCheck& check : report.trust) {
    if (check.ok) continue;
    const bool is_veto = check.weight == TrustWeight::veto;
    out += fmt::format("<p><b>{}</b> <span>{}{}</span></p>\n",
                       is_veto ? "Untrusted:" : "Note:", html_escaped(check.text),
                       check.remedy.empty() ? "" : html_escaped("; " + check.remedy));
  }
  return out + "</div>\n";
}

std::string cards_markup(const LoadReport& report) {
  std::string out = "<ul class=\"cards\">\n";
  out += card("answers a second", format_rounded(rate_of(report)));
  const CensoredHistogram& latency = report.latency.primary();
  if (!latency.empty()) {
    for (const double percentile : {50.0, 99.0, 99.9}) {
      out +=
          card(fmt::format("p{:g}", percentile), percentile_cell(latency, percentile, html_style));
    }
    out += card("max", latency_cell(latency.max(), html_style));
  }
  if (report.datagrams) out += card("lost", format_count(report.datagrams->counts.lost));
  return out + card("errors", format_count(report.errors.total())) + "</ul>\n";
}

}  // namespace

std::string verdict_sentence(const LoadReport& report) {
  const bool is_one_way = report.options.answers == Answers::none;
  std::string text = is_one_way
                         ? fmt::format("{} sent", plural(report.requests.sent, "message"))
                         : fmt::format("{} in {}, {}", plural(report.requests.answered, "answer"),
                                       format_seconds(report.measured), rate_words(report));
  const CensoredHistogram& latency = report.latency.primary();
  if (!latency.empty()) {
    text += fmt::format("; half of them within {}, 99 % within {}",
                        percentile_cell(latency, 50, html_style),
                        percentile_cell(latency, 99, html_style));
  }
  if (report.datagrams && report.datagrams->counts.lost > 0) {
    text += fmt::format("; {} lost", format_count(report.datagrams->counts.lost));
  }
  if (report.errors.total() > 0) text += "; " + plural(report.errors.total(), "error");
  text += '.';
  if (verdict_of(report) == Verdict::saturated) {
    text += " The server is the limit: requests waited until a connection was free.";
  }
  if (report.interrupted) text += " It was interrupted.";
  if (report.aborted) text += " A condition of --abort-on ended it.";
  return text;
}

std::string report_html(const LoadReport& report) {
  const std::string title = "weir load " + report.options.target.text;
  std::string body = header_markup(report) + verdict_markup(report) + cards_markup(report);
  body += slo_section(report);
  body += latency_section(report);
  body += percentile_chart(report);
  body += "<div class=\"pair\">\n" + latency_chart(report) + rate_chart(report) + "</div>\n";
  body += trust_section(report);
  body += counts_section(report);
  body += environment_section(report);
  return html_page(
      {.title = title, .body = body, .json = report_json(report), .file_name = "weir-load.json"});
}

}  // namespace weir::tools::load
