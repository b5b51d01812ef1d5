// Where progress is printed: stderr, which may be a terminal that someone stopped, a pipe that
// nobody reads any more, or a file on a full disk. None of them may end a run or hold it up.
#pragma once

#include <string_view>

namespace weir::tools::load {

class ProgressOutput {
 public:
  /// \param fd  borrowed; stays as it is, blocking or not: others write to it too
  explicit ProgressOutput(int fd) noexcept : fd_(fd) {}

  /// Whether what is written now is taken at once. False while a terminal is stopped (Ctrl-S) or a
  /// pipe is full.
  [[nodiscard]] bool is_ready() const noexcept;

  /// Waits until all is taken. After the first error writes nothing, for good. Raises no SIGPIPE.
  void write(std::string_view text) noexcept;

  [[nodiscard]] bool has_failed() const noexcept { return has_failed_; }

 private:
  int fd_;
  bool has_failed_ = false;
};

}  // namespace weir::tools::load
