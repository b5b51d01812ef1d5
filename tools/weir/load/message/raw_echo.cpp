#include "tools/weir/load/message/raw_echo.h"

#include <algorithm>
#include <span>

#include "tools/weir/load/message/wrong_answer.h"

namespace weir::tools::load {

std::expected<std::uint64_t, std::string> RawEcho::take(const Chain& bytes) {
  PayloadSource& source = writer_.source();
  std::uint64_t ended = 0;
  for (const Buffer& buffer : bytes) {
    std::span piece = buffer.bytes();
    while (!piece.empty()) {
      if (unanswered_.empty()) return std::unexpected(surplus(source.connection(), piece.size()));
      const Request& request = unanswered_.front();
      const std::size_t size = std::min(piece.size(), request.payload_bytes - offset_);
      if (const auto at = source.find_mismatch(request, offset_, piece.first(size))) {
        const std::size_t offset = offset_ + *at;
        return std::unexpected(
            wrong_byte({.connection = source.connection(), .request = request.number}, offset,
                       source.byte(request, offset), piece[*at]));
      }
      piece = piece.subspan(size);
      offset_ += size;
      if (offset_ == request.payload_bytes) {
        offset_ = 0;
        unanswered_.pop();
        ++ended;
      }
    }
  }
  return ended;
}

void RawEcho::restart() {
  unanswered_.clear();
  offset_ = 0;
}

}  // namespace weir::tools::load
