// Prints how a run goes while it does: a screen, a line that rewrites itself, or a line a second.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/screen/load_screen.h"
#include "tools/weir/load/screen/progress_output.h"

namespace weir::tools::load {

enum class ProgressForm : std::uint8_t {
  screen,  ///< load_screen.h
  line,    ///< one that rewrites itself, with nothing but a carriage return
  plain,   ///< one a second, for logs
  none,
};

/// What is chosen, as far as the receiver can show it: a terminal too dumb or too small for the
/// screen gets the line, and what is no terminal never gets either.
[[nodiscard]] ProgressForm choose_progress_form(ProgressChoice choice,
                                                const TextEnvironment& environment,
                                                WindowSize window) noexcept;

/// Of the terminal `fd`; 80 x 24 where nobody knows.
[[nodiscard]] WindowSize read_window_size(int fd) noexcept;

/// Never holds up the run: what cannot be printed at once is left out, and after an error nothing
/// is printed.
class ScreenPrinter {
 public:
  /// \param fd  where to, borrowed; stderr
  /// \param heading  lines above the screen
  /// \param shards  of the generator
  ScreenPrinter(int fd, ProgressChoice choice, std::vector<std::string> heading, unsigned shards);

  /// Whether quarters of a second are shown as well.
  [[nodiscard]] bool wants_quarters() const noexcept {
    return form_ == ProgressForm::screen || form_ == ProgressForm::line;
  }

  void show(const ProgressSample& sample);

  /// Erases the screen or the line, so that the report begins there. Before anything else is
  /// printed; any number of times.
  void end();

 private:
  void show_screen(const ProgressSample& sample);
  void show_line(const ProgressSample& sample);

  int fd_;
  ProgressOutput output_;
  TextEnvironment environment_;
  TextStyle style_;
  ProgressForm form_;
  LoadScreen screen_;
  std::size_t line_columns_ = 0;  ///< that the line on the terminal takes
};

}  // namespace weir::tools::load
