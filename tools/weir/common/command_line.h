// The layer over CLI11 that all sub-commands share: flags are taken as text (their meaning is for
// `validate`), given once unless they say otherwise, and an unknown one is answered with the
// nearest that exists.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"

namespace CLI {
class App;
}

namespace weir::tools {

/// What the help says about a flag. A name without dashes is a positional argument.
struct FlagDescription {
  std::string names;       ///< "-c,--conns"
  std::string value_name;  ///< "N"; empty for a switch
  std::string group;       ///< heading in the help
  std::string purpose;     ///< one clause, with the default in parentheses at its end
};

/// What the help says about a command.
struct CommandDescription {
  std::string name;
  std::string purpose;   ///< one line
  std::string usage;     ///< what follows the name: "TARGET --closed [options]"
  std::string examples;  ///< lines, each "command    what it does"
};

/// The program itself: `--help`, `--version`, exactly one sub-command.
[[nodiscard]] std::unique_ptr<CLI::App> make_program(const CommandDescription& description,
                                                     const std::string& version);

CLI::App& add_command(CLI::App& program, const CommandDescription& description);

/// A flag with a value, or a positional argument. `value` must outlive the parsing.
void add_value(CLI::App& command, const FlagDescription& flag, std::optional<std::string>& value);

/// A flag with a value that may be given several times, or a positional argument that takes several
/// words; all are kept, in their order.
void add_values(CLI::App& command, const FlagDescription& flag, std::vector<std::string>& values);

/// Everything from the first word that no positional argument takes: another command with flags of
/// its own. Flags of `command` stand before it.
void add_rest(CLI::App& command, std::vector<std::string>& rest);

/// A flag without a value.
void add_switch(CLI::App& command, const FlagDescription& flag, bool& is_set);

/// Why the program ends without running anything.
struct CommandLineStop {
  ExitCode exit_code = ExitCode::bad_usage;
  std::string text;  ///< for stdout if `done` (help, version), else for stderr; ends in a newline
};

/// Fills what was registered, or says why not: help or version was asked for, or a flag is unknown,
/// repeated or lacks its value.
[[nodiscard]] std::optional<CommandLineStop> parse_command_line(
    CLI::App& program, const std::vector<std::string>& arguments);

}  // namespace weir::tools
