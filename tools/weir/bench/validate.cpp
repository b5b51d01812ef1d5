#include "tools/weir/bench/validate.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/rounds/precision.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"

namespace weir::tools::bench {
namespace {

constexpr CountLimits rounds_limits{.min = 1, .max = 500};
constexpr CountLimits seed_limits{.min = 0, .max = UINT64_MAX};
constexpr std::chrono::seconds cell_max{60};
constexpr double precision_percent_min = 0.1;
constexpr double precision_percent_max = 50;

Checked<std::uint64_t> parse_rounds(std::string_view text) {
  return parse_count(text, rounds_limits);
}

Checked<std::uint64_t> parse_seed(std::string_view text) { return parse_count(text, seed_limits); }

Checked<std::chrono::milliseconds> parse_cell(std::string_view text) {
  const auto duration = parse_duration(text);
  if (!duration) return std::unexpected(duration.error());
  const auto cell = std::chrono::duration_cast<std::chrono::milliseconds>(*duration);
  if (cell.count() < 1 || cell > cell_max) {
    return usage_error(fmt::format("\"{}\" is not between 1ms and 60s", text));
  }
  return cell;
}

/// `2%`, or `2`.
Checked<double> parse_precision(std::string_view text) {
  const std::string_view number = text.ends_with('%') ? text.substr(0, text.size() - 1) : text;
  double percent = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), percent);
  const bool is_number = error == std::errc() && end == number.data() + number.size();
  if (!is_number || !(percent >= precision_percent_min && percent <= precision_percent_max)) {
    return usage_error(fmt::format("\"{}\" is not between {}% and {}%", text, precision_percent_min,
                                   precision_percent_max));
  }
  return percent / 100;
}

Checked<std::regex> parse_regex(std::string_view text) {
  try {
    return std::regex(std::string(text), std::regex::ECMAScript | std::regex::optimize);
  } catch (const std::regex_error&) {
    return usage_error(fmt::format("\"{}\" is no regular expression", text));
  }
}

Checked<std::string> parse_directory(std::string_view text) {
  std::error_code error;
  if (!std::filesystem::is_directory(std::string(text), error)) {
    return usage_error(fmt::format("\"{}\" is no directory; make it with mkdir", text));
  }
  return std::string(text);
}

/// Now, not after hours of measuring.
Checked<std::string> make_directory(std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(std::string(text), error);
  if (error) {
    return usage_error(fmt::format("\"{}\" can't be made: {}", text, error.message()));
  }
  return parse_directory(text);
}

Checked<std::string> parse_program(std::string_view text) {
  std::string path(text);
  if (::access(path.c_str(), X_OK) != 0) {
    return usage_error(fmt::format("\"{}\" is no program that can be run", text));
  }
  return path;
}

Checked<std::string> parse_file(std::string_view text) {
  std::string path(text);
  if (::access(path.c_str(), R_OK) != 0) {
    return usage_error(fmt::format("\"{}\" cannot be read", text));
  }
  return path;
}

Checked<std::vector<Suite>> parse_suites(const std::vector<std::string>& words) {
  std::vector<std::string> known = {"all", "doctor", "compare"};
  for (const Suite suite : all_suites()) known.emplace_back(to_text(suite));
  std::vector<Suite> wanted;
  for (const std::string& word : words) {
    if (word == "all") return all_suites();
    const auto found = std::ranges::find(all_suites(), word, [](Suite it) { return to_text(it); });
    if (found == all_suites().end()) {
      return usage_error(fmt::format("there is no suite \"{}\"{}", word, suggest(word, known)));
    }
    if (std::ranges::find(wanted, *found) == wanted.end()) wanted.push_back(*found);
  }
  return wanted;
}

bool check_selection(const RawFlags& flags, Options& options, UsageError& error) {
  options.contenders_text = flags.contenders.value_or("");
  return check_flag("--only", flags.only, parse_regex, options.only, error) &&
         check_flag("--contenders", flags.contenders, parse_regex, options.contenders, error);
}

/// What the Nagle study has no use for is refused, not ignored.
Checked<void> check_flags_of_servers(const RawFlags& flags, const Options& options) {
  if (options.suites != std::vector{Suite::nagle}) return {};
  const std::array given = {std::pair{"--rounds", flags.rounds.has_value()},
                            std::pair{"--precision", flags.precision.has_value()},
                            std::pair{"--cell", flags.cell.has_value()},
                            std::pair{"--contenders", flags.contenders.has_value()},
                            std::pair{"--against", flags.against.has_value()},
                            std::pair{"--bin", flags.bin.has_value()},
                            std::pair{"--realtime", flags.realtime}};
  for (const auto& [name, is_given] : given) {
    if (is_given) return usage_error(fmt::format("{} is for suites of servers, not nagle", name));
  }
  return {};
}

}  // namespace

Checked<Job> validate(const RawFlags& flags) {
  if (flags.words.empty()) {
    return usage_error(
        "no suite; there are nagle, echo, framing, stream, churn, udp, idle, "
        "shards, and all");
  }
  if (flags.words.front() == "doctor") {
    if (flags.words.size() > 1) return usage_error("doctor takes nothing else");
    return DoctorJob();
  }
  if (flags.words.front() == "compare") {
    if (flags.words.size() != 3) return usage_error("compare wants two results: OLD NEW");
    for (const std::size_t which : {1UL, 2UL}) {
      if (const auto file = parse_file(flags.words[which]); !file) {
        return std::unexpected(file.error());
      }
    }
    CompareJob job{.old_path = flags.words[1], .new_path = flags.words[2]};
    job.selection.suites = all_suites();
    if (UsageError error; !check_selection(flags, job.selection, error)) {
      return std::unexpected(error);
    }
    return job;
  }
  auto suites = parse_suites(flags.words);
  if (!suites) return std::unexpected(suites.error());
  if (flags.quick && flags.full) return usage_error("--quick and --full exclude each other");
  Options options;
  options.suites = *std::move(suites);
  options.effort = flags.full ? Effort::full : Effort::quick;
  options.is_realtime = flags.realtime;
  UsageError error;
  std::uint64_t rounds = 0;
  if (!check_selection(flags, options, error) ||
      !check_flag("--rounds", flags.rounds, parse_rounds, rounds, error) ||
      !check_flag("--precision", flags.precision, parse_precision, options.precision, error) ||
      !check_flag("--cell", flags.cell, parse_cell, options.cell, error) ||
      !check_flag("--seed", flags.seed, parse_seed, options.seed, error) ||
      !check_flag("--bin", flags.bin, parse_directory, options.peers_directory, error) ||
      !check_flag("--against", flags.against, parse_program, options.against, error) ||
      !check_flag("--baseline", flags.baseline, parse_file, options.baseline, error) ||
      !check_flag("-o", flags.output, make_directory, options.directory, error)) {
    return std::unexpected(error);
  }
  const auto used = check_flags_of_servers(flags, options);
  if (!used) return std::unexpected(used.error());
  if (flags.rounds) options.rounds = static_cast<unsigned>(rounds);
  if (options.precision && options.rounds && *options.rounds <= precise_rounds_min) {
    return usage_error(fmt::format("--precision wants more --rounds than {}: it looks from then on",
                                   precise_rounds_min));
  }
  return options;
}

}  // namespace weir::tools::bench
