#include "tools/weir/load/stats/inflation.h"

#include <array>
#include <limits>

#include "weir/base/assert.h"

namespace weir::tools::load {

Inflation::Inflation(std::span<const std::byte> compressed) {
  WEIR_ASSERT(compressed.size() <= std::numeric_limits<uInt>::max());
  // zlib does not write to its input, but only declares so if it is built with ZLIB_CONST.
  stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(compressed.data()));
  stream_.avail_in = static_cast<uInt>(compressed.size());
  // The other ways to fail are a wrong version of the header, and no memory.
  const int result = ::inflateInit(&stream_);
  WEIR_ASSERT(result == Z_OK);
}

Inflation::~Inflation() { ::inflateEnd(&stream_); }

std::size_t Inflation::read(std::span<std::byte> out) {
  WEIR_ASSERT(out.size() <= std::numeric_limits<uInt>::max());
  stream_.next_out = reinterpret_cast<Bytef*>(out.data());
  stream_.avail_out = static_cast<uInt>(out.size());
  while (stream_.avail_out > 0 && !is_at_end_ && !is_malformed_) {
    const int result = ::inflate(&stream_, Z_NO_FLUSH);
    is_at_end_ = result == Z_STREAM_END;
    // Z_BUF_ERROR: the input ended before the stream did. A preset dictionary is none of ours.
    is_malformed_ = result != Z_OK && result != Z_STREAM_END;
  }
  return out.size() - stream_.avail_out;
}

bool Inflation::ends_here() {
  std::array<std::byte, 1> extra{};
  return read(extra) == 0 && is_at_end_ && stream_.avail_in == 0;
}

}  // namespace weir::tools::load
