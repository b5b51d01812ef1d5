// How `--help` looks: purpose and usage, one block a group of flags, sub-commands, examples.
#pragma once

#include <string>

#include <CLI/App.hpp>
#include <CLI/FormatterFwd.hpp>

namespace weir::tools {

/// Lines of at most 80 columns. Purpose and usage come from the description, examples from the
/// footer.
class HelpFormat : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace weir::tools
