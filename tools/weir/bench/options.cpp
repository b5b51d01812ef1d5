#include "tools/weir/bench/options.h"

#include <array>

#include <fmt/format.h>

#include "tools/weir/common/shell_words.h"

namespace weir::tools::bench {
namespace {

/// A regular expression that finds `text` itself.
std::string regex_for(std::string_view text) {
  std::string escaped;
  for (const char it : text) {
    if (std::string_view("^$\\.*+?()[]{}|").contains(it)) escaped += '\\';
    escaped += it;
  }
  return escaped;
}

}  // namespace

const std::vector<Suite>& all_suites() {
  static const std::vector<Suite> suites = {Suite::echo,   Suite::framing, Suite::stream,
                                            Suite::churn,  Suite::udp,     Suite::idle,
                                            Suite::shards, Suite::nagle};
  return suites;
}

std::string_view to_text(Suite suite) noexcept {
  static constexpr std::array<std::string_view, 8> words = {"nagle", "echo", "framing", "stream",
                                                            "churn", "udp",  "idle",    "shards"};
  return words[static_cast<std::size_t>(suite)];
}

std::string_view to_text(Effort effort) noexcept {
  return effort == Effort::full ? "full" : "quick";
}

std::string precision_text(double fraction) { return fmt::format("{:g}%", fraction * 100); }

std::string command_for_case(const Options& options, std::string_view suite,
                             std::string_view name) {
  const std::string only = fmt::format("^{} {}:", regex_for(suite), regex_for(name));
  std::string command = fmt::format("weir bench {}", suite);
  const auto add = [&](std::string_view flag, std::string_view value) {
    command += fmt::format(" {} {}", flag, shell_word(value));
  };
  if (options.effort == Effort::full) command += " --full";
  add("--only", only);
  // Who takes part decides what is compared, and the order of the cells.
  if (options.contenders) add("--contenders", options.contenders_text);
  if (options.rounds) add("--rounds", std::to_string(*options.rounds));
  if (options.precision) add("--precision", precision_text(*options.precision));
  if (options.cell) add("--cell", fmt::format("{}ms", options.cell->count()));
  add("--seed", std::to_string(options.seed));
  if (!options.peers_directory.empty()) add("--bin", options.peers_directory);
  if (!options.against.empty()) add("--against", options.against);
  if (options.is_realtime) command += " --realtime";
  return command;
}

}  // namespace weir::tools::bench
