// The screen of a run that goes on: a few lines that rewrite themselves in place.
//
//     weir load  tcp://127.0.0.1:7000
//     [#################---------------]  32 s / 60 s   measuring
//
//                         now          run   last 40 s, 1 to 8
//      offered       20 013/s     20 001/s
//      done          20 009/s     20 000/s   8888887888888888888888888
//      p50              61 us        60 us
//      p99             212 us       198 us   1111121111111151111111111
//      p99.9           1.1 ms       930 us
//
//      in flight             1   errors                0   send lag p99      19 us
//      queue                 0   timeouts              0   generator cpu      41 %
//      dropped               0   lost                  0   steal             0.2 %
//      trust        ok
//
// Text only, for a terminal that knows ANSI escape sequences. Never more than 22 rows, 79 columns
// or what the window has; it never scrolls what it has drawn.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tools/weir/common/text_style.h"
#include "tools/weir/load/screen/progress.h"
#include "tools/weir/load/screen/recent_seconds.h"

namespace weir::tools::load {

struct WindowSize {
  std::size_t columns = 80;
  std::size_t rows = 24;

  bool operator==(const WindowSize&) const = default;
};

struct LoadScreenOptions {
  std::vector<std::string> heading{};  ///< lines; those that do not fit are left out
  TextStyle style{};
  unsigned shards = 1;  ///< of the generator
  WindowSize window{};
};

class LoadScreen {
 public:
  static constexpr std::size_t rows_max = 22;
  /// Narrower or lower, something that matters would be cut off.
  static constexpr WindowSize window_min = {.columns = 60, .rows = 16};

  explicit LoadScreen(LoadScreenOptions options);

  /// What to print to show `sample`. The first frame draws below the cursor, later ones move it up
  /// to where the first began. The cursor ends in the line below.
  [[nodiscard]] std::string frame(const ProgressSample& sample);

  /// Instead of `frame`, if it could not be printed: only the seconds are remembered.
  void skip(const ProgressSample& sample);

  /// Frames from now on fit `window`.
  void resize(WindowSize window) noexcept { options_.window = window; }

  /// What to print to erase the last frame; nothing if there is none. The next frame is a first
  /// one.
  [[nodiscard]] std::string end();

 private:
  [[nodiscard]] std::size_t width() const noexcept;
  [[nodiscard]] std::vector<std::string> lines(const ProgressSample& sample) const;
  [[nodiscard]] std::string bar_line(const ProgressSample& sample) const;
  [[nodiscard]] std::vector<std::string> table(const ProgressSample& sample) const;
  [[nodiscard]] std::vector<std::string> fields(const ProgressSample& sample) const;
  [[nodiscard]] std::string trust_line(const ProgressSample& sample) const;

  LoadScreenOptions options_;
  RecentSeconds recent_;
  std::size_t drawn_rows_ = 0;
};

}  // namespace weir::tools::load
