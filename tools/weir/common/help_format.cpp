#include "tools/weir/common/help_format.h"

#include <algorithm>
#include <vector>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/weir/common/wrap_text.h"

namespace weir::tools {
namespace {

constexpr std::size_t name_columns = 24;

/// `  NAME      purpose`, the purpose wrapped at words and indented.
std::string entry(const std::string& name, const std::string& purpose) {
  std::string line = fmt::format("  {:<{}}", name, name_columns - 2);
  if (line.size() > name_columns) line += fmt::format("\n{:{}}", "", name_columns);
  return line + wrap_text(purpose, {.start = name_columns, .indent = name_columns}) + '\n';
}

std::string flag_text(const CLI::Option& option) {
  if (option.get_positional()) return option.get_type_name();
  std::string names;
  for (const auto& name : option.get_snames()) names += fmt::format("-{}, ", name);
  if (names.empty()) names = "    ";  // so that long names stand below each other
  for (const auto& name : option.get_lnames()) names += fmt::format("--{}", name);
  if (option.get_type_name().empty() || option.get_expected_max() == 0) return names;
  return fmt::format("{} {}", names, option.get_type_name());
}

}  // namespace

std::string HelpFormat::make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const {
  std::string out = app->get_description() + "\n";
  if (const auto commands = app->get_subcommands({}); !commands.empty()) {
    out += "\nSub-commands:\n";
    for (const CLI::App* command : commands) {
      const std::string purpose = command->get_description();
      out += entry(command->get_name(), purpose.substr(0, purpose.find('\n')));
    }
  }
  // Registered first, but read last: --help itself.
  std::vector<std::string> groups = app->get_groups();
  const auto other = std::find(groups.begin(), groups.end(), "Other");
  if (other != groups.end()) std::rotate(other, other + 1, groups.end());
  for (const std::string& group : groups) {
    if (group.empty()) continue;  // hidden
    std::string block;
    for (const CLI::Option* option : app->get_options()) {
      if (option->get_group() == group) {
        block += entry(flag_text(*option), option->get_description());
      }
    }
    if (!block.empty()) out += fmt::format("\n{}:\n{}", group, block);
  }
  if (!app->get_footer().empty()) out += fmt::format("\nExamples:\n{}\n", app->get_footer());
  return out;
}

}  // namespace weir::tools
