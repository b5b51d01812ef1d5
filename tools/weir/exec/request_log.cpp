#include "tools/weir/exec/request_log.h"

#include <cstddef>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"

namespace weir::tools::exec {
namespace {

constexpr std::size_t request_bytes_shown = 256;

}  // namespace

std::string log_line(const LogEntry& entry) {
  std::string shown;
  for (const char character : entry.request.substr(0, request_bytes_shown)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte > 0x7E) {
      shown += fmt::format("\\x{:02x}", byte);
    } else {
      if (character == '"' || character == '\\') shown += '\\';
      shown += character;
    }
  }
  const bool is_cut = entry.request.size() > request_bytes_shown;
  return fmt::format("{} {} \"{}\"{} {}", entry.peer, format_duration(entry.elapsed, TextStyle{}),
                     shown, is_cut ? "..." : "", entry.outcome);
}

}  // namespace weir::tools::exec
