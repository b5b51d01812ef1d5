#include "tools/weir/load/report/load_words.h"

#include <variant>

#include <fmt/format.h>

#include "tools/weir/common/cpu_list.h"
#include "tools/weir/load/cli/load_text.h"
#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

std::string rate_text(double rate) {
  return rate < 10 ? fmt::format("{:.3g}/s", rate) : format_rounded(rate) + "/s";
}

}  // namespace

std::string load_words(const Options& options) {
  return options.load_text.empty() ? describe_load(options) : options.load_text;
}

std::string place_words(const LoadReport& report) {
  const Options& options = report.options;
  return fmt::format(
      "{}, {}{}, {}", to_string(report.backend), plural(options.shards, "shard"),
      options.cpus.empty() ? "" : fmt::format(" on CPU {}", format_cpu_list(options.cpus)),
      report.version_line);
}

std::string rate_words(const LoadReport& report) {
  const double rate = rate_of(report);
  const double offered = report.datagrams ? 0 : offered_rate_of(report);
  if (offered <= 0) return rate_text(rate);
  return fmt::format("{} of {} offered ({:.1f} %)", rate_text(rate), rate_text(offered),
                     100 * rate / offered);
}

std::string_view checked_words(const Options& options) {
  if (options.target.transport == Transport::datagram) return "every byte checked";
  const Expectation expectation = options.message.expectation
                                      ? *options.message.expectation
                                      : effective_expectation(options.message);
  if (std::holds_alternative<ExpectEcho>(expectation)) return "every byte checked";
  if (std::holds_alternative<ExpectBytes>(expectation)) return "every length checked";
  if (std::holds_alternative<ExpectRegex>(expectation)) return "every answer matched";
  return {};
}

std::string_view verdict_heading(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::ok:
      return "OK";
    case Verdict::lossy:
      return "LOSSY";
    case Verdict::saturated:
      return "SATURATED";
    case Verdict::slo_failed:
      return "SLO FAILED";
    case Verdict::untrusted:
      return "UNTRUSTED";
    case Verdict::failed:
      return "FAILED";
    case Verdict::nothing_succeeded:
      return "NOTHING SUCCEEDED";
  }
  return {};
}

}  // namespace weir::tools::load
