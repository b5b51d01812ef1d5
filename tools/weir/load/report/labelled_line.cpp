#include "tools/weir/load/report/labelled_line.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/wrap_text.h"

namespace weir::tools::load {

std::string labelled(std::string_view label, const std::string& text) {
  const WrapOptions wrap{.start = label_columns + 2, .indent = label_columns + 2};
  return fmt::format("  {:<{}}{}\n", label, label_columns, wrap_text(text, wrap));
}

std::string labelled(std::string_view label, const std::string& text, std::size_t columns) {
  return fmt::format("{:<{}}{}\n", label, columns,
                     wrap_text(text, {.start = columns, .indent = columns}));
}

std::string format_rounded(double number) {
  constexpr double most = 1e18;
  // The comparison is false for what is no number at all.
  if (!(number > 0)) return "0";
  return format_count(static_cast<std::uint64_t>(std::llround(std::min(number, most))));
}

std::string plural(std::uint64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", format_count(count), noun, count == 1 ? "" : "s");
}

}  // namespace weir::tools::load
