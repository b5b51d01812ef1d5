#include "tools/weir/load/report/next_command.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

/// What the next run should have as well: each takes a value.
constexpr std::array<std::string_view, 15> kept_flags = {
    "--codec",   "--size",       "--payload", "--payload-file", "--expect", "--pattern",
    "--nodelay", "--conns",      "-c",        "--shards",       "-t",       "--cpus",
    "--backend", "--lost-after", "--timeout"};

bool is_kept(std::string_view flag) {
  return std::find(kept_flags.begin(), kept_flags.end(), flag) != kept_flags.end();
}

std::string shell_quoted(std::string_view word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,@%+[]";
  if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) {
    return std::string(word);
  }
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// With a space before each.
std::string flags_to_keep(const std::vector<std::string>& arguments) {
  std::string out;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const std::size_t equals = word.find('=');
    if (equals != std::string::npos) {
      if (is_kept(std::string_view(word).substr(0, equals))) out += ' ' + shell_quoted(word);
    } else if (is_kept(word) && i + 1 < arguments.size()) {
      out += fmt::format(" {} {}", word, shell_quoted(arguments[i + 1]));
      ++i;
    }
  }
  return out;
}

/// The nearest 1, 2 or 5 times a power of ten from `least` on.
double round_up(double least) {
  const double power = std::pow(10, std::floor(std::log10(std::max(least, 1.0))));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least) return factor * power;
  }
  return 10 * power;
}

/// Two digits: `9500`, `120k`.
std::string rate_argument(double rate) {
  const double power = std::pow(10, std::floor(std::log10(std::max(rate, 1.0))) - 1);
  const auto rounded =
      static_cast<std::uint64_t>(std::clamp(std::round(rate / power) * power, 1.0, 1e9));
  return rounded >= 10'000 && rounded % 1000 == 0 ? fmt::format("{}k", rounded / 1000)
                                                  : fmt::format("{}", rounded);
}

std::string duration_text(double nanoseconds) {
  struct Scale {
    double factor;
    std::string_view name;
  };
  for (const Scale& scale : {Scale{1e9, "s"}, Scale{1e6, "ms"}, Scale{1e3, "us"}}) {
    if (nanoseconds >= scale.factor) {
      return fmt::format("{:g}{}", nanoseconds / scale.factor, scale.name);
    }
  }
  return "1us";
}

/// The conditions of the run; without any, a p99 that it keeps easily.
std::string goal_of(const LoadReport& report) {
  if (!report.slo.empty()) {
    std::string text;
    for (const SloResult& result : report.slo) {
      text += (text.empty() ? "" : ",") + result.term.text;
    }
    return shell_quoted(text);
  }
  const auto p99 = static_cast<double>(report.latency.primary().percentile(99).value);
  return shell_quoted("p99<" + duration_text(round_up(2 * p99)));
}

}  // namespace

std::optional<std::string> next_command(const LoadReport& report) {
  const Options& options = report.options;
  const std::string target = shell_quoted(options.target.text);
  const std::string kept = flags_to_keep(report.arguments);
  const bool has_schedule = options.rate.has_value();
  switch (verdict_of(report)) {
    case Verdict::nothing_succeeded:
      return "weir load demo";
    case Verdict::failed:
    case Verdict::untrusted:
      return std::nullopt;
    case Verdict::lossy:
      return fmt::format("weir load {} --rate {}{}", target,
                         rate_argument(rate_of(report) * (has_schedule ? 0.9 : 0.5)), kept);
    case Verdict::slo_failed:
    case Verdict::saturated:
      return fmt::format("weir load find-max {} --slo {}{}", target, goal_of(report), kept);
    case Verdict::ok:
      break;
  }
  if (report.interrupted || options.answers == Answers::none) return std::nullopt;
  if (!has_schedule) {
    return fmt::format("weir load {} --rate {}{}", target, rate_argument(rate_of(report) / 2),
                       kept);
  }
  if (report.slo.empty()) {
    return fmt::format("weir load find-max {} --slo {}{}", target, goal_of(report), kept);
  }
  const double rate = *options.rate;
  return fmt::format("weir load sweep {} --rates {},{},{}{}", target, rate_argument(rate / 2),
                     rate_argument(rate), rate_argument(rate * 2), kept);
}

}  // namespace weir::tools::load
