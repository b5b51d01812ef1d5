// UnixStream: a stream over a Unix socket (unix(7), SOCK_STREAM). The same interface as TCP's.
#pragma once

#include <utility>

#include "weir/base/result.h"
#include "weir/net/stream.h"

namespace weir {

class UnixStream : public Stream {
 public:
  using Stream::Stream;

  /// Two connected streams of this shard (socketpair(2)).
  [[nodiscard]] static Result<std::pair<UnixStream, UnixStream>> pair() noexcept;
};

}  // namespace weir
