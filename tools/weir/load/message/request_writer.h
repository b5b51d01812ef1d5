// Writes the requests of one connection: payload between the edges of the codec.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tools/weir/load/message/message_options.h"
#include "tools/weir/load/message/payload_source.h"
#include "tools/weir/load/message/request.h"
#include "weir/base/chain.h"

namespace weir::tools::load {

class RequestWriter {
 public:
  /// `options` outlive it.
  RequestWriter(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed)
      : codec_(options.codec.wire), source_(options, connection, seed) {}

  /// Appends the next request to `out`: behind what is there in the same buffer if the pool can,
  /// in pieces of at most 64 KiB from the pool, or from the heap while that is spent.
  Request append(const RequestFacts& facts, Chain& out);

  /// Of the request appended last.
  [[nodiscard]] std::size_t wire_bytes() const noexcept { return wire_bytes_; }
  /// Where to cut it for two writes: behind its header, in the middle if there is none. 0: it is a
  /// single byte.
  [[nodiscard]] std::size_t cut() const noexcept { return cut_; }

  [[nodiscard]] PayloadSource& source() noexcept { return source_; }
  [[nodiscard]] std::uint32_t connection() const noexcept { return source_.connection(); }

 private:
  WireCodec codec_;
  PayloadSource source_;
  std::size_t wire_bytes_ = 0;
  std::size_t cut_ = 0;
};

}  // namespace weir::tools::load
