#include "tools/weir/load/message/payload_file.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {
namespace {

struct CloseFile {
  void operator()(std::FILE* file) const noexcept { (void)std::fclose(file); }
};

std::unexpected<UsageError> cannot_read(std::string_view path, int error) {
  return usage_error(
      fmt::format("cannot read \"{}\": {}", path, std::system_category().message(error)));
}

}  // namespace

Checked<std::string> read_payload_file(std::string_view path) {
  if (path.empty()) return usage_error("the file name is empty");
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(std::string(path).c_str(), "rbe"));
  if (!file) return cannot_read(path, errno);
  // Read to its end and not to its size: a pipe and a file in /proc have none.
  std::string content;
  constexpr std::size_t piece_bytes = std::size_t{64} << 10;
  for (;;) {
    const std::size_t before = content.size();
    content.resize(before + piece_bytes);
    errno = 0;
    const std::size_t read = std::fread(content.data() + before, 1, piece_bytes, file.get());
    content.resize(before + read);
    if (content.size() > payload_bytes_max) {
      return usage_error(fmt::format("\"{}\" is larger than {}", path,
                                     format_byte_size(static_cast<double>(payload_bytes_max))));
    }
    if (read == piece_bytes) continue;
    if (std::ferror(file.get()) != 0) return cannot_read(path, errno);
    return content;
  }
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r') && end < text.size()) line.remove_suffix(1);
    lines.emplace_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace weir::tools::load
