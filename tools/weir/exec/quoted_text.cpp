#include "tools/weir/exec/quoted_text.h"

#include <cstddef>

#include <fmt/format.h>

namespace weir::tools::exec {
namespace {

constexpr std::size_t bytes_shown = 256;

}  // namespace

std::string quoted_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char character : text.substr(0, bytes_shown)) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x20 || byte > 0x7E) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      if (character == '"' || character == '\\') quoted += '\\';
      quoted += character;
    }
  }
  return quoted + (text.size() > bytes_shown ? "\"..." : "\"");
}

}  // namespace weir::tools::exec
