#include "tools/weir/load/message/payload_source.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>

#include "tools/weir/load/message/request_draws.h"
#include "weir/base/assert.h"
#include "weir/base/bytes.h"

namespace weir::tools::load {
namespace {

/// Bytes of printable payloads that are made at a time to be compared.
constexpr std::size_t compared_bytes = 512;

/// From "0" to "o": sixty-four characters in a row, none of them a line end.
void make_printable(std::span<std::byte> bytes) noexcept {
  for (std::byte& byte : bytes) {
    byte = static_cast<std::byte>('0' + std::to_integer<unsigned>(byte & std::byte{0x3f}));
  }
}

std::optional<std::size_t> find_difference(std::span<const std::byte> expected,
                                           std::span<const std::byte> found) noexcept {
  WEIR_ASSERT(expected.size() == found.size());
  if (found.empty() || std::memcmp(expected.data(), found.data(), found.size()) == 0) return {};
  const auto at = std::mismatch(expected.begin(), expected.end(), found.begin()).first;
  return static_cast<std::size_t>(at - expected.begin());
}

std::int64_t unix_time_of_clock_ns() {
  using std::chrono::nanoseconds;
  const nanoseconds wall = std::chrono::system_clock::now().time_since_epoch();
  const nanoseconds clock = Clock::now().time_since_epoch();
  return (wall - clock).count();
}

}  // namespace

PayloadSource::PayloadSource(const MessageOptions& options, std::uint32_t connection,
                             std::uint64_t seed)
    : options_(options),
      connection_(connection),
      kind_(options.file_bytes                      ? Kind::file
            : options.pattern                       ? Kind::pattern
            : options.codec.wire == WireCodec::line ? Kind::printable_bytes
                                                    : Kind::random_bytes),
      seed_(seed) {
  if (kind_ == Kind::pattern && options.pattern->has_time()) {
    is_stamped_ = true;
    unix_time_of_clock_ns_ = unix_time_of_clock_ns();
  }
  if (const ByteRange sizes = request_payload_range(options); sizes.is_single()) {
    fixed_bytes_ = sizes.min;
  }
}

Request PayloadSource::unusual_request(const RequestFacts& facts) {
  Request request{.number = facts.number, .payload_bytes = fixed_bytes_};
  switch (kind_) {
    case Kind::random_bytes:
    case Kind::printable_bytes:
      if (facts.payload_bytes || fixed_bytes_ == 0) request.payload_bytes = generated_bytes(facts);
      break;
    case Kind::pattern:
      if (is_stamped_) {
        const std::chrono::nanoseconds due = facts.due.time_since_epoch();
        request.unix_time_ns = unix_time_of_clock_ns_ + due.count();
      }
      request.payload_bytes = text_of(request).size();
      break;
    case Kind::file:
      request.payload_bytes = options_.file_bytes->size();
      break;
  }
  return request;
}

std::size_t PayloadSource::generated_bytes(const RequestFacts& facts) const {
  if (facts.payload_bytes) {
    const ByteRange possible = payload_range(options_.codec);
    WEIR_ASSERT(*facts.payload_bytes >= possible.min && *facts.payload_bytes <= possible.max);
    return *facts.payload_bytes;
  }
  RequestDraws draws(seed_, connection_, facts.number);
  return options_.size.value_or(size_default).draw(draws);
}

/// The whole of a text that is written, not generated.
std::span<const std::byte> PayloadSource::text_of(const Request& request) {
  if (kind_ == Kind::file) return as_bytes(*options_.file_bytes);
  if (!text_request_ || text_request_->number != request.number ||
      text_request_->unix_time_ns != request.unix_time_ns) {
    options_.pattern->write({.seed = seed_,
                             .connection = connection_,
                             .request = request.number,
                             .unix_time_ns = request.unix_time_ns},
                            text_);
    text_request_ = request;
  }
  return as_bytes(text_);
}

void PayloadSource::fill_with_text(const Request& request, std::size_t offset,
                                   std::span<std::byte> out) {
  if (kind_ == Kind::printable_bytes) {
    fill_payload({.connection = connection_, .sequence = request.number}, offset, out);
    make_printable(out);
    return;
  }
  std::ranges::copy(text_of(request).subspan(offset, out.size()), out.begin());
}

std::optional<std::size_t> PayloadSource::find_text_mismatch(const Request& request,
                                                             std::size_t offset,
                                                             std::span<const std::byte> piece) {
  if (kind_ != Kind::printable_bytes) {
    return find_difference(text_of(request).subspan(offset, piece.size()), piece);
  }
  std::array<std::byte, compared_bytes> memory;
  for (std::size_t at = 0; at < piece.size();) {
    const std::size_t size = std::min(piece.size() - at, memory.size());
    const std::span expected = std::span(memory).first(size);
    fill_with_text(request, offset + at, expected);
    if (const auto found = find_difference(expected, piece.subspan(at, size))) return at + *found;
    at += size;
  }
  return std::nullopt;
}

std::byte PayloadSource::byte(const Request& request, std::size_t offset) {
  std::byte byte;
  fill(request, offset, std::span(&byte, 1));
  return byte;
}

}  // namespace weir::tools::load
