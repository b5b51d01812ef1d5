// The programs that may be run: names, each with the one file that it stands for.
//
// A name is looked up in PATH once, when the server starts; what PATH or the current directory hold
// later changes nothing. Requests name programs by these names and by nothing else: a path in a
// request is no name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::exec {

/// What `--allow` asks for: `NAME` or `NAME=/absolute/path`.
struct AllowedName {
  std::string name;
  std::string path;  ///< empty: to be looked up

  bool operator==(const AllowedName&) const = default;
};

/// Reads the text of one `--allow`.
[[nodiscard]] Checked<AllowedName> parse_allowed_name(std::string_view text);

class AllowList {
 public:
  /// Looks up the names in `search_path` (the form of PATH; relative directories are passed over).
  /// Every file must exist and be executable by this process.
  [[nodiscard]] static Checked<AllowList> resolve(const std::vector<AllowedName>& names,
                                                  std::string_view search_path);

  /// The absolute path of a program, or nullptr if it is not allowed.
  [[nodiscard]] const std::string* find(const std::string& name) const;

  /// In alphabetical order: `date, echo and ls`.
  [[nodiscard]] std::string names_text() const;

  /// Those that run whatever they are given (shells, interpreters, `env`): with one of them the
  /// list allows everything.
  [[nodiscard]] std::vector<std::string> find_unbounded() const;

 private:
  std::map<std::string, std::string> paths_;  ///< by name
};

}  // namespace weir::tools::exec
