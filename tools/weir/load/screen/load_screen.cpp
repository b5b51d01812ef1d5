#include "tools/weir/load/screen/load_screen.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/load/screen/cut_line.h"
#include "tools/weir/load/screen/figure_text.h"
#include "tools/weir/load/screen/progress_bar.h"
#include "tools/weir/load/screen/trust_hint.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t screen_columns_max = 80;
constexpr std::size_t number_columns = 13;
// A label, two cells, and the gap before the bars.
constexpr std::size_t columns_before_bars = 1 + 9 + 2 * number_columns + 3;
constexpr std::size_t field_label_columns = 13;
constexpr std::size_t field_value_columns = 10;
constexpr std::size_t field_gap_columns = 3;
constexpr std::string_view clear_to_line_end = "\x1b[K";
constexpr std::string_view clear_to_screen_end = "\x1b[J";

std::string move_up(std::size_t rows) { return fmt::format("\r\x1b[{}A", rows); }

struct Row {
  std::string_view label;
  std::string now;
  std::string run;
  std::string bars{};
};

std::string row_text(const Row& row) {
  std::string text = fmt::format(" {:<9}{:>{}}{:>{}}", row.label, row.now, number_columns, row.run,
                                 number_columns);
  return row.bars.empty() ? text : text + "   " + row.bars;
}

std::string rate_cell(std::optional<double> rate) {
  return rate ? rate_figure(*rate, number_columns) : "-";
}

struct Field {
  std::string_view label;
  std::string value;
  std::optional<Emphasis> emphasis{};
};

Field count_field(std::string_view label, std::uint64_t count) {
  return {.label = label, .value = count_figure(count, field_value_columns)};
}

/// A count that should be 0.
Field fault_field(std::string_view label, std::uint64_t count, Emphasis emphasis) {
  Field field = count_field(label, count);
  if (count > 0) field.emphasis = emphasis;
  return field;
}

std::string field_text(const Field& field, TextStyle style) {
  const std::string value = fmt::format("{:>{}}", field.value, field_value_columns);
  return fmt::format("{:<{}}{}", field.label, field_label_columns,
                     field.emphasis ? emphasize(value, *field.emphasis, style) : value);
}

}  // namespace

LoadScreen::LoadScreen(LoadScreenOptions options) : options_(std::move(options)) {}

std::string LoadScreen::frame(const ProgressSample& sample) {
  if (sample.ends_second) recent_.add(sample.rate, sample.p99);
  const std::vector<std::string> drawn = lines(sample);
  std::string text = drawn_rows_ > 0 ? move_up(drawn_rows_) : std::string();
  for (const std::string& line : drawn) {
    text += cut_line(line, width());
    text += clear_to_line_end;
    text += '\n';
  }
  if (drawn.size() < drawn_rows_) text += clear_to_screen_end;
  drawn_rows_ = drawn.size();
  return text;
}

void LoadScreen::skip(const ProgressSample& sample) {
  if (sample.ends_second) recent_.add(sample.rate, sample.p99);
}

std::string LoadScreen::end() {
  const std::size_t rows = std::exchange(drawn_rows_, 0);
  return rows > 0 ? move_up(rows) + std::string(clear_to_screen_end) : std::string();
}

/// The last column stays free: with a letter there a terminal is about to wrap, and some then clear
/// that letter.
std::size_t LoadScreen::width() const noexcept {
  return std::clamp<std::size_t>(options_.window.columns, 1, screen_columns_max) - 1;
}

std::vector<std::string> LoadScreen::lines(const ProgressSample& sample) const {
  std::vector<std::string> body = {bar_line(sample), ""};
  for (auto& part : {table(sample), {std::string()}, fields(sample), {trust_line(sample)}}) {
    body.insert(body.end(), part.begin(), part.end());
  }
  // The cursor takes a row as well.
  const std::size_t rows = std::min(rows_max, std::max<std::size_t>(options_.window.rows, 2) - 1);
  if (body.size() > rows) body.resize(rows);
  const std::size_t above = std::min(options_.heading.size(), rows - body.size());
  const auto begin = options_.heading.begin();
  body.insert(body.begin(), begin, begin + static_cast<std::ptrdiff_t>(above));
  return body;
}

std::string LoadScreen::bar_line(const ProgressSample& sample) const {
  return fmt::format("{}  {}   {}", progress_bar(sample, width() < 72 ? 16 : 32, options_.style),
                     progress_time(sample),
                     sample.phase == Phase::warm_up
                         ? emphasize("warm-up", Emphasis::doubtful, options_.style)
                         : "measuring");
}

std::vector<std::string> LoadScreen::table(const ProgressSample& sample) const {
  const TextStyle style = options_.style;
  const std::size_t cells =
      std::min(RecentSeconds::seconds_max, width() - std::min(width(), columns_before_bars));
  const auto time = [style](nanoseconds duration) { return format_duration(duration, style); };
  const std::string bars_head = fmt::format("last {} s{}", cells, style.utf8 ? "" : ", 1 to 8");
  std::vector<std::string> text = {
      emphasize(row_text({.label = "", .now = "now", .run = "run", .bars = bars_head}),
                Emphasis::faint, style)};
  for (const Row& row :
       {Row{"offered", rate_cell(sample.offered_rate), rate_cell(sample.offered_rate_run)},
        Row{"done", rate_cell(sample.rate), rate_cell(sample.rate_run),
            recent_.rate_bars(cells, style)},
        Row{"p50", time(sample.p50), time(sample.p50_run)},
        Row{"p99", time(sample.p99), time(sample.p99_run), recent_.p99_bars(cells, style)},
        Row{"p99.9", time(sample.p999), time(sample.p999_run)}}) {
    text.push_back(row_text(row));
  }
  return text;
}

std::vector<std::string> LoadScreen::fields(const ProgressSample& sample) const {
  const std::array fields = {
      count_field("in flight", sample.in_flight),
      fault_field("errors", sample.errors, Emphasis::bad),
      Field{"send lag p99", format_duration(sample.send_lag_p99, options_.style)},
      count_field("queue", sample.queued),
      fault_field("timeouts", sample.timeouts, Emphasis::bad),
      Field{"generator cpu", share_figure(sample.generator_cpu_share)},
      fault_field("dropped", sample.dropped, Emphasis::doubtful),
      fault_field("lost", sample.lost, Emphasis::doubtful),
      Field{"steal", share_figure(sample.steal_share)}};
  constexpr std::size_t field_columns =
      field_label_columns + field_value_columns + field_gap_columns;
  const std::size_t in_a_row = 1 + 3 * field_columns - field_gap_columns <= width() ? 3 : 2;
  std::vector<std::string> text;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i % in_a_row == 0) {
      text.emplace_back(" ");
    } else {
      text.back().append(field_gap_columns, ' ');
    }
    text.back() += field_text(fields[i], options_.style);
  }
  return text;
}

std::string LoadScreen::trust_line(const ProgressSample& sample) const {
  const std::string_view hint = trust_hint(sample, options_.shards);
  const Emphasis emphasis = hint == trust_hint_ok ? Emphasis::good : Emphasis::doubtful;
  return fmt::format(" {:<{}}{}", "trust", field_label_columns,
                     emphasize(hint, emphasis, options_.style));
}

}  // namespace weir::tools::load
