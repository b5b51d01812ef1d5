#include "tools/weir/demo/table.h"

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::demo {
namespace {

std::string grouped(double number) {
  std::string digits = fmt::format("{:.0f}", number);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, 1, ' ');
  return digits;
}

double microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

}  // namespace

std::string table_text(const std::vector<Cell>& cells, TextStyle style) {
  const char* const us = style.utf8 ? "µs" : "us";
  std::string text =
      emphasize(fmt::format("{:<10} {:>11} {:>8} {:>8} {:>8}   {:>12} {:>12}\n", "", "requests/s",
                            "p50", "p99", "max", "server CPU", "system calls"),
                Emphasis::strong, style);
  text += emphasize(fmt::format("{:<10} {:>11} {:>8} {:>8} {:>8}   {:>12} {:>12}\n", "", "", us, us,
                                us, fmt::format("{}/request", us), "/request"),
                    Emphasis::faint, style);
  std::string load;
  for (const Cell& cell : cells) {
    if (cell.load != load) text += emphasize(cell.load + "\n", Emphasis::strong, style);
    load = cell.load;
    const std::string name = fmt::format("  {:<8}", to_string(cell.backend));
    if (cell.requests == 0) {
      text += fmt::format("{} {}\n", name, emphasize("failed", Emphasis::bad, style));
      continue;
    }
    const std::string calls =
        cell.server_calls_per_request ? fmt::format("{:.2f}", *cell.server_calls_per_request) : "-";
    text += fmt::format("{} {:>11} {:>8.1f} {:>8.1f} {:>8.0f}   {:>12.2f} {:>12}", name,
                        grouped(cell.rate), microseconds(cell.p50), microseconds(cell.p99),
                        microseconds(cell.max), microseconds(cell.server_cpu_per_request), calls);
    if (cell.errors != 0) {
      text += emphasize(fmt::format("  {} errors", cell.errors), Emphasis::bad, style);
    }
    text += '\n';
  }
  return text;
}

}  // namespace weir::tools::demo
