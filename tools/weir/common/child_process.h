// A program as a child process, spoken to by lines over pipes: `READY 127.0.0.1:4711` comes out of
// it, `go` goes in. It ends with its owner.
#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tools {

class ChildProcess {
 public:
  /// More than that is not kept: a report is a megabyte or two.
  static constexpr std::size_t unread_bytes_max = std::size_t{64} << 20;

  /// How a process ended, and what it used up.
  struct End {
    int exit_code = 0;  ///< negative: the signal that ended it
    rusage used{};
  };

  /// Starts `program` with `words` as its arguments, the first of them its name. Its stderr is
  /// ours. The error is a sentence without a full stop.
  [[nodiscard]] static std::expected<ChildProcess, std::string> start(
      const std::string& program, const std::vector<std::string>& words);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  /// Ends it by force if it has not ended.
  ~ChildProcess();

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// `nullopt` at the end of the output, if no whole line comes in that time, or after
  /// `unread_bytes_max` without one.
  [[nodiscard]] std::optional<std::string> read_line(std::chrono::milliseconds patience);
  /// All that comes until its output ends, nothing came for so long, or it is `unread_bytes_max`.
  [[nodiscard]] std::string read_rest(std::chrono::milliseconds patience);
  /// \returns  false if nobody reads it
  bool write(std::string_view text) noexcept;
  /// The end of its input.
  void close_input() noexcept;
  void send(int signal) const noexcept;

  /// Waits for its end; `nullopt` if it does not end in that time. Only once.
  [[nodiscard]] std::optional<End> wait(std::chrono::milliseconds patience);

 private:
  ChildProcess(pid_t pid, int input_fd, int output_fd) noexcept
      : pid_(pid), input_fd_(input_fd), output_fd_(output_fd) {}
  [[nodiscard]] bool read_more(std::chrono::steady_clock::time_point deadline);

  pid_t pid_;      ///< 0 once it has been waited for
  int input_fd_;   ///< its stdin
  int output_fd_;  ///< its stdout
  std::string unread_;
};

}  // namespace weir::tools
