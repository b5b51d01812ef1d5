// What a flag is set to elsewhere than on the command line: by variables of the environment, or by
// lines of a file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools {

struct Setting {
  std::string name;    ///< of the flag, without its dashes: "reqs-per-conn"
  std::string value;   ///< as it is written
  std::string origin;  ///< for messages: "WEIR_LOAD_RATE", "load.conf:3"

  bool operator==(const Setting&) const = default;
};

/// The variables whose names begin with `prefix`: with "WEIR_LOAD_", WEIR_LOAD_REQS_PER_CONN sets
/// reqs-per-conn. One that is empty sets nothing, as scripts that pass on a variable expect.
/// \param variables  "NAME=VALUE" each
[[nodiscard]] std::vector<Setting> environment_settings(std::span<const std::string> variables,
                                                        std::string_view prefix);

/// Lines `name = value`. Empty lines and those that begin with # are left out; a value ends at a
/// blank followed by #, unless it stands in quotes, single or double, between which every letter
/// means itself.
/// \param path  for messages
[[nodiscard]] Checked<std::vector<Setting>> parse_settings(std::string_view text,
                                                           std::string_view path);

/// Reads and parses. The error is a sentence with the path in it.
[[nodiscard]] Checked<std::vector<Setting>> read_setting_file(const std::string& path);

}  // namespace weir::tools
