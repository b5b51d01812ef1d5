// The files in which the kernel tells about itself (/proc, /sys), below a root that tests replace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

class SystemFiles {
 public:
  explicit SystemFiles(std::filesystem::path root = "/") : root_(std::move(root)) {}

  /// Content of `path`, which is relative to the root: `proc/self/limits`. `nullopt` if it cannot
  /// be read; at most 64 KiB of it.
  [[nodiscard]] std::optional<std::string> read(std::string_view path) const;

  /// The first line, without its end and the spaces around it.
  [[nodiscard]] std::optional<std::string> read_line(std::string_view path) const;

  /// What follows `name` and its colon in a file of `name: value` lines, such as proc/self/status.
  [[nodiscard]] std::optional<std::string> read_field(std::string_view path,
                                                      std::string_view name) const;

  /// Names of what is in the directory `path`, in no order, at most `count_max`; none if it cannot
  /// be read.
  [[nodiscard]] std::vector<std::string> list(std::string_view path, std::size_t count_max) const;

  /// Where a symbolic link points, as it is written: `socket:[4711]`.
  [[nodiscard]] std::optional<std::string> read_link(std::string_view path) const;

 private:
  std::filesystem::path root_;
};

/// A decimal number that is all of `text`.
[[nodiscard]] std::optional<std::uint64_t> parse_number(std::string_view text) noexcept;

}  // namespace weir::tools
