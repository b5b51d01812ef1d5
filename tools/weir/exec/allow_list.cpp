#include "tools/weir/exec/allow_list.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>

#include <fmt/format.h>

namespace weir::tools::exec {
namespace {

/// Those of Debian that are known to run other programs, sorted. Not complete, and cannot be.
constexpr std::array<std::string_view, 34> unbounded_programs = {
    "ash",     "awk",    "bash", "busybox", "chroot",  "dash",  "docker", "env",  "find",
    "gawk",    "gdb",    "ksh",  "lua",     "make",    "mawk",  "nice",   "node", "nohup",
    "nsenter", "perl",   "php",  "python",  "python3", "rbash", "ruby",   "sh",   "ssh",
    "strace",  "stdbuf", "sudo", "tclsh",   "timeout", "xargs", "zsh"};

/// Why the file can't be run; empty if it can.
std::string find_obstacle(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::strerror(errno);
  if (!S_ISREG(status.st_mode)) return "it is no regular file";
  if (::access(path.c_str(), X_OK) != 0) return "it is not executable";
  return {};
}

std::optional<std::string> look_up(const std::string& name, std::string_view search_path) {
  while (!search_path.empty()) {
    const std::string_view directory = search_path.substr(0, search_path.find(':'));
    search_path.remove_prefix(std::min(directory.size() + 1, search_path.size()));
    if (!directory.starts_with('/')) continue;
    std::string path(directory);
    if (!path.ends_with('/')) path += '/';
    path += name;
    if (find_obstacle(path).empty()) return path;
  }
  return std::nullopt;
}

}  // namespace

Checked<AllowedName> parse_allowed_name(std::string_view text) {
  const std::size_t equals = text.find('=');
  AllowedName allowed{.name = std::string(text.substr(0, equals)), .path = {}};
  if (allowed.name.empty()) {
    return usage_error(fmt::format("\"{}\" names no program; write NAME or NAME=/PATH", text));
  }
  if (allowed.name.find('/') != std::string::npos) {
    return usage_error(
        fmt::format("\"{}\" is a path; write the name that clients use for it too, NAME={}",
                    allowed.name, allowed.name));
  }
  if (equals == std::string_view::npos) return allowed;
  allowed.path = text.substr(equals + 1);
  if (!allowed.path.starts_with('/')) {
    return usage_error(
        fmt::format("\"{}\" is not an absolute path; write {}=/PATH", allowed.path, allowed.name));
  }
  return allowed;
}

Checked<AllowList> AllowList::resolve(const std::vector<AllowedName>& names,
                                      std::string_view search_path) {
  AllowList list;
  for (const AllowedName& allowed : names) {
    std::string path = allowed.path;
    if (path.empty()) {
      auto found = look_up(allowed.name, search_path);
      if (!found) {
        return usage_error(
            fmt::format("there is no program \"{}\" in PATH; say where it is: --allow {}=/PATH",
                        allowed.name, allowed.name));
      }
      path = *std::move(found);
    } else if (const std::string obstacle = find_obstacle(path); !obstacle.empty()) {
      return usage_error(fmt::format("\"{}\" cannot be run: {}", path, obstacle));
    }
    if (!list.paths_.emplace(allowed.name, std::move(path)).second) {
      return usage_error(fmt::format("\"{}\" is allowed twice", allowed.name));
    }
  }
  return list;
}

const std::string* AllowList::find(const std::string& name) const {
  const auto found = paths_.find(name);
  return found == paths_.end() ? nullptr : &found->second;
}

std::string AllowList::names_text() const {
  std::string text;
  std::size_t left = paths_.size();
  for (const auto& [name, path] : paths_) {
    --left;
    text += name;
    if (left > 0) text += left == 1 ? " and " : ", ";
  }
  return text;
}

std::vector<std::string> AllowList::find_unbounded() const {
  std::vector<std::string> found;
  for (const auto& [name, path] : paths_) {
    const std::string file = path.substr(path.rfind('/') + 1);
    for (const std::string_view known : unbounded_programs) {
      if (known == name || known == file) {
        found.push_back(name);
        break;
      }
    }
  }
  return found;
}

}  // namespace weir::tools::exec
