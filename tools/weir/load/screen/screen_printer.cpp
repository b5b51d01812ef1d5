#include "tools/weir/load/screen/screen_printer.h"

#include <sys/ioctl.h>

#include <algorithm>
#include <utility>

#include "tools/weir/load/screen/cut_line.h"

namespace weir::tools::load {

ProgressForm choose_progress_form(ProgressChoice choice, const TextEnvironment& environment,
                                  WindowSize window) noexcept {
  if (choice == ProgressChoice::none) return ProgressForm::none;
  if (choice == ProgressChoice::plain || !environment.is_terminal) return ProgressForm::plain;
  const bool is_dumb = environment.term.empty() || environment.term == "dumb";
  const bool is_small =
      window.columns < LoadScreen::window_min.columns || window.rows < LoadScreen::window_min.rows;
  return is_dumb || is_small ? ProgressForm::line : ProgressForm::screen;
}

WindowSize read_window_size(int fd) noexcept {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

ScreenPrinter::ScreenPrinter(int fd, ProgressChoice choice, std::vector<std::string> heading,
                             unsigned shards)
    : fd_(fd),
      output_(fd),
      environment_(read_text_environment(fd)),
      style_(choose_text_style(environment_)),
      form_(choose_progress_form(choice, environment_, read_window_size(fd))),
      screen_({.heading = std::move(heading),
               .style = style_,
               .shards = shards,
               .window = read_window_size(fd)}) {}

void ScreenPrinter::show(const ProgressSample& sample) {
  if (output_.has_failed()) return;
  switch (form_) {
    case ProgressForm::screen:
      return show_screen(sample);
    case ProgressForm::line:
      return show_line(sample);
    case ProgressForm::plain:
      if (sample.ends_second && output_.is_ready()) {
        output_.write(plain_line(sample, style_) + '\n');
      }
      return;
    case ProgressForm::none:
      return;
  }
}

void ScreenPrinter::show_screen(const ProgressSample& sample) {
  if (!output_.is_ready()) return screen_.skip(sample);
  screen_.resize(read_window_size(fd_));
  output_.write(screen_.frame(sample));
}

void ScreenPrinter::show_line(const ProgressSample& sample) {
  if (!output_.is_ready()) return;
  // The last column stays free: a letter there may make the terminal wrap.
  const std::size_t columns = read_window_size(fd_).columns - 1;
  const std::string line = cut_line(live_line(sample, style_), columns);
  const std::size_t taken = columns_taken(line);
  // Spaces over the rest of a longer one before: a dumb terminal cannot clear it.
  const std::size_t rest = line_columns_ > taken ? std::min(line_columns_, columns) - taken : 0;
  output_.write('\r' + line + std::string(rest, ' '));
  line_columns_ = taken;
}

void ScreenPrinter::end() {
  output_.write(screen_.end());
  const std::size_t columns = std::exchange(line_columns_, 0);
  if (columns > 0) output_.write('\r' + std::string(columns, ' ') + '\r');
}

}  // namespace weir::tools::load
