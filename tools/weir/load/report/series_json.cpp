#include "tools/weir/load/report/series_json.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "tools/weir/load/report/json_fields.h"
#include "tools/weir/load/report/second_columns.h"

namespace weir::tools::load {
namespace {

Json json_cell(const SecondSummary& second, const SecondMember& member) {
  return std::visit(
      [&second](auto pointer) {
        if constexpr (std::is_same_v<decltype(pointer),
                                     std::chrono::nanoseconds SecondSummary::*>) {
          return Json((second.*pointer).count());
        } else {
          return Json(second.*pointer);
        }
      },
      member);
}

void set_cell(SecondSummary& second, const SecondMember& member, const Json& value) {
  std::visit(
      [&](auto pointer) {
        using Member = std::remove_reference_t<decltype(second.*pointer)>;
        if constexpr (std::is_same_v<Member, double>) {
          second.*pointer = double_of(value);
        } else if constexpr (std::is_same_v<Member, std::uint64_t>) {
          second.*pointer = count_of(value);
        } else {
          second.*pointer = nanoseconds_of(value);
        }
      },
      member);
}

const SecondColumn* find_column(const Json& name) {
  if (!name.is_string()) return nullptr;
  const auto found = std::find_if(second_columns.begin(), second_columns.end(),
                                  [&name](const SecondColumn& column) {
                                    return column.json_name == name.get_ref<const std::string&>();
                                  });
  return found == second_columns.end() ? nullptr : &*found;
}

}  // namespace

Json series_json(const LoadReport& report) {
  const auto is_present = [&report](const SecondColumn& column) {
    return report.datagrams || !column.is_of_datagrams;
  };
  Json columns = Json::array();
  for (const SecondColumn& column : second_columns) {
    if (is_present(column)) columns.push_back(column.json_name);
  }
  Json rows = Json::array();
  for (const SecondSummary& second : report.seconds.rows()) {
    Json row = Json::array();
    for (const SecondColumn& column : second_columns) {
      if (is_present(column)) row.push_back(json_cell(second, column.member));
    }
    rows.push_back(std::move(row));
  }
  return {{"dt_s", report.seconds.row_length().count()}, {"cols", columns}, {"rows", rows}};
}

/// A year: beyond it times would not fit into nanoseconds.
constexpr std::uint64_t row_length_max_s = 365 * 86'400;

SecondSeries series_from_json(const Json& json) {
  std::vector<const SecondColumn*> columns;
  for (const Json& name : field(json, "cols")) columns.push_back(find_column(name));
  std::vector<SecondSummary> seconds;
  for (const Json& row : field(json, "rows")) {
    if (seconds.size() == SecondSeries::rows_max) break;
    SecondSummary& second = seconds.emplace_back();
    for (std::size_t i = 0; i < std::min(row.size(), columns.size()); ++i) {
      if (columns[i] != nullptr && row.is_array()) set_cell(second, columns[i]->member, row[i]);
    }
  }
  const auto row_length = std::min(count_of(field(json, "dt_s")), row_length_max_s);
  return SecondSeries(std::move(seconds), std::chrono::seconds(row_length));
}

}  // namespace weir::tools::load
