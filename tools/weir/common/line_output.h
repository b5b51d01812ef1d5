// A file or pipe that is written a line at a time while a run goes on. Each line leaves at once, so
// that a reader follows and an interrupted run leaves whole lines.
//
// A full disk or a reader that went away breaks this output and nothing else: the error is returned
// by the call that met it, later lines are silently dropped, and SIGPIPE does not end the program.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "weir/base/result.h"

namespace weir::tools {

class LineOutput {
 public:
  /// Creates the file or empties it. Errors: those of open(2).
  [[nodiscard]] static Result<LineOutput> create(const std::string& path);
  /// Takes over a descriptor that blocks.
  explicit LineOutput(int fd) noexcept : fd_(fd) {}
  ~LineOutput();
  LineOutput(LineOutput&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), is_broken_(other.is_broken_) {}
  LineOutput& operator=(LineOutput&& other) noexcept;

  /// Writes `lines`, which end with a line feed. Errors: those of write(2), once. A file is then
  /// cut back to the end of its last whole line, so that what it holds can still be read.
  [[nodiscard]] Result<> write(std::string_view lines);

  /// Some disks only report here that they are full. Nothing can be written afterwards.
  [[nodiscard]] Result<> close();

  /// An error was returned: from then on nothing is written.
  [[nodiscard]] bool is_broken() const noexcept { return is_broken_; }

 private:
  int fd_;
  bool is_broken_ = false;
};

}  // namespace weir::tools
