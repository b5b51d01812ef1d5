#include "tools/weir/common/command_line.h"

#include <algorithm>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/weir/common/help_format.h"
#include "tools/weir/common/nearest_match.h"

namespace weir::tools {
namespace {

void describe(CLI::App& app, const CommandDescription& description, const std::string& full_name) {
  app.description(
      fmt::format("{}\n\nUsage: {} {}", description.purpose, full_name, description.usage));
  app.footer(description.examples);
  app.formatter(std::make_shared<HelpFormat>());
  app.set_help_flag("-h,--help", "Print this help")->group("Other");
  // What is unknown is collected and judged in parse_command_line, with a suggestion.
  app.allow_extras();
}

/// The command that was named, or the program itself.
const CLI::App& chosen_command(const CLI::App& program) {
  const auto chosen = program.get_subcommands();
  return chosen.empty() ? program : *chosen.back();
}

std::string full_name(const CLI::App& program, const CLI::App& command) {
  if (&command == &program) return program.get_name();
  return fmt::format("{} {}", program.get_name(), command.get_name());
}

std::vector<std::string> known_flags(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
    for (const auto& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> known_commands(const CLI::App& program) {
  std::vector<std::string> names;
  for (const CLI::App* command : program.get_subcommands({})) names.push_back(command->get_name());
  return names;
}

std::string explain_unknown(const std::string& argument, const CLI::App& program,
                            const CLI::App& command) {
  if (argument.starts_with('-') && argument.size() > 1) {
    const std::string name = argument.substr(0, argument.find('='));
    const std::vector<std::string> known = known_flags(command);  // the match is a view of it
    const auto nearest = nearest_match(name, known);
    return fmt::format("there is no flag \"{}\"{}", name,
                       nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : "");
  }
  if (&command == &program) {
    return fmt::format("there is no sub-command \"{}\"{}", argument,
                       suggest(argument, known_commands(program)));
  }
  return fmt::format("\"{}\" is one argument too many", argument);
}

std::optional<std::string> find_repeated(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->count() > 1 && option->get_expected_max() <= 1) {
      return fmt::format("{} was given {} times; once is enough", option->get_name(),
                         option->count());
    }
  }
  return std::nullopt;
}

/// `--size --closed`: CLI11 takes whatever follows as the value.
std::optional<std::string> find_swallowed_flag(const CLI::App& command) {
  const std::vector<std::string> known = known_flags(command);
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& value : option->results()) {
      if (std::find(known.begin(), known.end(), value) != known.end()) {
        return fmt::format("{} needs a value; the flag {} follows", option->get_name(), value);
      }
    }
  }
  return std::nullopt;
}

/// What CLI11 itself finds is a flag without its value (`--size: 1 required ...`), or a switch with
/// one (`closed was given a disallowed flag override`).
std::string explain_mismatch(const CLI::ParseError& error) {
  std::string message = error.what();
  const std::string name = message.substr(0, message.find(':'));
  if (message.find("required") != std::string::npos) return fmt::format("{} needs a value", name);
  if (message.find("override") != std::string::npos) {
    return fmt::format("--{} takes no value", message.substr(0, message.find(' ')));
  }
  return message;
}

CommandLineStop bad_usage(const CLI::App& program, const CLI::App& command,
                          const std::string& message) {
  const std::string name = full_name(program, command);
  return {.exit_code = ExitCode::bad_usage,
          .text = fmt::format("{}: {}\nTry \"{} --help\".\n", name, message, name)};
}

}  // namespace

std::unique_ptr<CLI::App> make_program(const CommandDescription& description,
                                       const std::string& version) {
  auto program = std::make_unique<CLI::App>();
  program->name(description.name);
  describe(*program, description, description.name);
  program->set_version_flag("--version", version + "\n", "Print the version")->group("Other");
  program->require_subcommand(0, 1);
  return program;
}

CLI::App& add_command(CLI::App& program, const CommandDescription& description) {
  CLI::App* command = program.add_subcommand(description.name);
  describe(*command, description, fmt::format("{} {}", program.get_name(), description.name));
  return *command;
}

void add_value(CLI::App& command, const FlagDescription& flag, std::optional<std::string>& value) {
  const auto take = [&value](const CLI::results_t& given) {
    value = given.back();
    return true;
  };
  command.add_option(flag.names, take, flag.purpose)
      ->type_name(flag.value_name)
      ->group(flag.group)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);  // repeats are judged afterwards
}

void add_values(CLI::App& command, const FlagDescription& flag, std::vector<std::string>& values) {
  const auto take = [&values](const CLI::results_t& given) {
    values = given;
    return true;
  };
  command.add_option(flag.names, take, flag.purpose)
      ->type_name(flag.value_name)
      ->group(flag.group)
      ->expected(1, CLI::detail::expected_max_vector_size)
      // One value each time a flag is given; of a positional argument all there are.
      ->allow_extra_args(!flag.names.starts_with('-'))
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

void add_rest(CLI::App& command, std::vector<std::string>& rest) {
  command.prefix_command();
  command.final_callback([&command, &rest] { rest = command.remaining(); });
}

void add_switch(CLI::App& command, const FlagDescription& flag, bool& is_set) {
  command.add_flag(flag.names, is_set, flag.purpose)
      ->group(flag.group)
      ->disable_flag_override()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

std::optional<CommandLineStop> parse_command_line(CLI::App& program,
                                                  const std::vector<std::string>& arguments) {
  try {
    program.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    return CommandLineStop{.exit_code = ExitCode::done, .text = program.help()};
  } catch (const CLI::CallForVersion& version) {
    return CommandLineStop{.exit_code = ExitCode::done, .text = version.what()};
  } catch (const CLI::ParseError& error) {
    return bad_usage(program, chosen_command(program), explain_mismatch(error));
  }

  const CLI::App& command = chosen_command(program);
  if (const auto swallowed = find_swallowed_flag(command)) {
    return bad_usage(program, command, *swallowed);
  }
  for (const CLI::App* app : {static_cast<const CLI::App*>(&program), &command}) {
    const auto unknown = app->remaining();
    // In front of another command: that a flag is nobody's.
    const bool is_rest = app->get_prefix_command() && !unknown.empty() &&
                         (unknown.front().empty() || unknown.front().front() != '-');
    if (!unknown.empty() && !is_rest) {
      return bad_usage(program, *app, explain_unknown(unknown.front(), program, *app));
    }
  }
  if (const auto repeated = find_repeated(command)) return bad_usage(program, command, *repeated);
  if (&command == &program) {
    return CommandLineStop{.exit_code = ExitCode::bad_usage, .text = program.help()};
  }
  return std::nullopt;
}

}  // namespace weir::tools
