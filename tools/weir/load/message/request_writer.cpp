#include "tools/weir/load/message/request_writer.h"

#include <algorithm>
#include <span>
#include <utility>

#include "tools/weir/load/message/frame_edges.h"
#include "weir/base/buffer.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/result.h"

namespace weir::tools::load {
namespace {

/// Requests are made in pieces of at most this size.
constexpr std::size_t piece_bytes_max = std::size_t{64} << 10;

Buffer take_piece(BufferPool* pool, std::size_t bytes) {
  if (pool != nullptr) {
    // Whoever sends bounds what is in flight, so a spent pool is a reason to be slower, not to
    // stop.
    if (Result<Buffer> pooled = pool->allocate(bytes)) return std::move(*pooled);
  }
  return Buffer::uninitialized(bytes);
}

/// Appends `size` bytes that `fill(offset, span)` writes.
template <typename Fill>
void append_filled(Chain& out, std::size_t size, Fill fill) {
  BufferPool* const pool = BufferPool::current();
  if (pool != nullptr) {
    if (std::byte* const appended = pool->try_append(out, size)) {
      fill(0, std::span(appended, size));
      return;
    }
  }
  for (std::size_t offset = 0; offset < size;) {
    Buffer piece = take_piece(pool, std::min(size - offset, piece_bytes_max));
    fill(offset, piece.writable());
    offset += piece.size();
    out.append(std::move(piece));
  }
}

/// Writes what falls into a piece of the frame that begins at `offset`.
void fill_framed(PayloadSource& source, const Request& request, const FrameEdges& edges,
                 std::size_t offset, std::span<std::byte> piece) {
  const auto copy_edge = [&](std::span<const std::byte> edge, std::size_t from) {
    const std::size_t size = std::min(edge.size() - from, piece.size());
    std::ranges::copy(edge.subspan(from, size), piece.begin());
    piece = piece.subspan(size);
    offset += size;
  };
  if (offset < edges.head().size()) copy_edge(edges.head(), offset);
  const std::size_t payload_at = offset - std::min(offset, edges.head().size());
  if (payload_at < request.payload_bytes && !piece.empty()) {
    const std::size_t size = std::min(request.payload_bytes - payload_at, piece.size());
    source.fill(request, payload_at, piece.first(size));
    piece = piece.subspan(size);
  }
  if (!piece.empty()) copy_edge(edges.tail(), 0);
}

}  // namespace

Request RequestWriter::append(const RequestFacts& facts, Chain& out) {
  const Request request = source_.request(facts);
  if (codec_ == WireCodec::raw) {
    wire_bytes_ = request.payload_bytes;
    cut_ = wire_bytes_ / 2;
    append_filled(out, wire_bytes_, [&](std::size_t offset, std::span<std::byte> piece) {
      source_.fill(request, offset, piece);
    });
    return request;
  }
  const FrameEdges edges(codec_, request.payload_bytes);
  wire_bytes_ = edges.head().size() + request.payload_bytes + edges.tail().size();
  const bool is_after_head = !edges.head().empty() && edges.head().size() < wire_bytes_;
  cut_ = is_after_head ? edges.head().size() : wire_bytes_ / 2;
  append_filled(out, wire_bytes_, [&](std::size_t offset, std::span<std::byte> piece) {
    fill_framed(source_, request, edges, offset, piece);
  });
  return request;
}

}  // namespace weir::tools::load
