#include "tools/weir/bench/nagle/cell_table.h"

#include <algorithm>

namespace weir::tools::bench {
namespace {

void add_once(std::vector<std::string>& list, const std::string& text) {
  if (std::ranges::find(list, text) == list.end()) list.push_back(text);
}

bool is_ordinary(const CellSpec& spec) {
  return spec.autocorking == Autocorking::on && spec.notsent_lowat_bytes == 0 &&
         spec.congestion_control.empty();
}

bool is_usable(const CellSummary& cell) { return !cell.rounds.empty() && cell.is_trusted(); }

}  // namespace

const CellSummary* CellTable::find(std::string_view path, std::string_view scenario,
                                   std::string_view name, WriteMode mode, AckMode acks) const {
  const auto found = std::ranges::find_if(cells_, [&](const CellSummary& cell) {
    return cell.path == path && cell.spec.scenario == scenario && cell.spec.name == name &&
           cell.spec.mode == mode && cell.spec.acks == acks && is_ordinary(cell.spec) &&
           is_usable(cell);
  });
  return found == cells_.end() ? nullptr : &*found;
}

const CellSummary* CellTable::find_sender(std::string_view path, std::string_view scenario,
                                          std::string_view name, std::string_view sender) const {
  const auto found = std::ranges::find_if(cells_, [&](const CellSummary& cell) {
    return cell.path == path && cell.spec.scenario == scenario && cell.spec.name == name &&
           sender_text(cell.spec) == sender && is_usable(cell);
  });
  return found == cells_.end() ? nullptr : &*found;
}

std::vector<std::string> CellTable::paths() const {
  std::vector<std::string> paths;
  for (const CellSummary& cell : cells_) {
    add_once(paths, cell.path);
  }
  return paths;
}

std::vector<std::string> CellTable::names(std::string_view path, std::string_view scenario) const {
  std::vector<std::string> names;
  for (const CellSummary& cell : cells_) {
    if (cell.path == path && cell.spec.scenario == scenario) add_once(names, cell.spec.name);
  }
  return names;
}

}  // namespace weir::tools::bench
