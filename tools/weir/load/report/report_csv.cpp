#include "tools/weir/load/report/report_csv.h"

#include <type_traits>

#include <fmt/format.h>

#include "tools/weir/load/report/second_columns.h"

namespace weir::tools::load {
namespace {

std::string csv_cell(const SecondSummary& second, const SecondMember& member) {
  return std::visit(
      [&second](auto pointer) {
        if constexpr (std::is_same_v<decltype(pointer),
                                     std::chrono::nanoseconds SecondSummary::*>) {
          return fmt::format("{}", (second.*pointer).count());
        } else {
          return fmt::format("{}", second.*pointer);
        }
      },
      member);
}

}  // namespace

std::string report_csv(const LoadReport& report) {
  const auto is_present = [&report](const SecondColumn& column) {
    return report.datagrams || !column.is_of_datagrams;
  };
  std::string out = "time_s";
  for (const SecondColumn& column : second_columns) {
    if (is_present(column)) out += fmt::format(",{}", column.csv_name);
  }
  out += '\n';
  std::int64_t time_s = 0;
  for (const SecondSummary& second : report.seconds.rows()) {
    time_s += report.seconds.row_length().count();
    out += fmt::format("{}", time_s);
    for (const SecondColumn& column : second_columns) {
      if (is_present(column)) out += ',' + csv_cell(second, column.member);
    }
    out += '\n';
  }
  return out;
}

}  // namespace weir::tools::load
