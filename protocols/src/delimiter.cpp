#include "weir/protocols/delimiter.h"

#include <cstring>
#include <functional>
#include <utility>

#include "byte_set.h"
#include "frame_memory.h"
#include "weir/base/bytes.h"

namespace weir::protocols {
namespace {

constexpr std::size_t delimiters_max = 16;
constexpr std::size_t delimiter_bytes_max = 64;
// Far above any limit of use, far below where sums of sizes would wrap.
constexpr std::size_t delimited_frame_bytes_largest = std::size_t{1} << 48;

bool are_in_range(const DelimiterOptions& options) {
  const auto& delimiters = options.delimiters;
  const bool are_sized = std::ranges::all_of(delimiters, [](const std::string& delimiter) {
    return !delimiter.empty() && delimiter.size() <= delimiter_bytes_max;
  });
  return are_sized && !delimiters.empty() && delimiters.size() <= delimiters_max &&
         options.frame_bytes_max <= delimited_frame_bytes_largest;
}

}  // namespace

Result<Delimiter> Delimiter::create(Options options) {
  if (!are_in_range(options)) return fail(Error::option_invalid);
  return Delimiter(std::move(options));
}

Delimiter::Delimiter(Options options) : options_(std::move(options)) {
  by_size_ = options_.delimiters;
  std::ranges::sort(by_size_, std::greater{}, &std::string::size);
  longest_ = by_size_.front().size();
  for (const std::string& delimiter : by_size_) {
    if (last_bytes_.find(delimiter.back()) == std::string::npos) last_bytes_ += delimiter.back();
  }
  // Where each last byte is a delimiter by itself, a match needs nothing of what came before it.
  const bool are_single = std::ranges::all_of(last_bytes_, [&](char byte) {
    return std::ranges::find(by_size_, std::string(1, byte)) != by_size_.end();
  });
  kept_while_skipping_ = are_single ? 0 : longest_ - 1;
  is_kept_ = options_.delimiter_bytes == DelimiterBytes::kept;
  if (are_single && last_bytes_.size() == 1) choose_quick_bytes();
  set_searched(0);
}

// One byte, or that byte and the same behind one other.
void Delimiter::choose_quick_bytes() {
  const bool has_pair = by_size_.size() == 2 && longest_ == 2;
  if (longest_ != 1 && !has_pair) return;
  quick_bytes_max_usual_ = options_.frame_bytes_max + longest_;
  quick_byte_ = static_cast<std::byte>(last_bytes_.front());
  if (has_pair) quick_byte_before_ = static_cast<unsigned char>(by_size_.front().front());
}

void Delimiter::set_searched(std::size_t bytes) noexcept {
  searched_bytes_ = bytes;
  quick_bytes_max_ = bytes == 0 && !is_skipping_ ? quick_bytes_max_usual_ : 0;
}

Result<std::optional<FrameView>> Delimiter::decode(ByteCursor& input) {
  for (;;) {
    const std::size_t limit =
        is_skipping_ ? input.size() : std::min(input.size(), options_.frame_bytes_max + longest_);
    const std::optional<Match> match = find(input, searched_bytes_, limit);
    if (is_skipping_) {
      const std::size_t kept_bytes = std::min(kept_while_skipping_, input.size());
      input.advance(match ? match->end : input.size() - kept_bytes);
      is_skipping_ = !match;
      set_searched(match ? 0 : kept_bytes);
      if (!match) return std::nullopt;
      if (!std::exchange(is_reported_, true)) return fail(Error::frame_too_large);
      continue;
    }
    const bool is_too_large = match ? match->end - match->size > options_.frame_bytes_max
                                    : limit == options_.frame_bytes_max + longest_;
    if (is_too_large) {
      // The next round finds the match again, without looking at more than one byte for it.
      const std::size_t searched_bytes = match ? match->end - 1 : limit;
      if (options_.too_large_report == TooLargeReport::at_once) return too_large(searched_bytes);
      is_skipping_ = true;
      is_reported_ = false;
      set_searched(searched_bytes);
      continue;
    }
    if (!match) {
      set_searched(limit);
      return std::nullopt;
    }
    set_searched(0);
    const FrameView view = input.view(0, match->end - (is_kept_ ? 0 : match->size));
    input.advance(match->end);
    return view;
  }
}

// The bytes of the frame stay for now: the offset reported is its first byte.
std::unexpected<std::error_code> Delimiter::too_large(std::size_t searched_bytes) noexcept {
  is_skipping_ = options_.bad_frame == BadFrame::is_skipped;
  set_searched(searched_bytes);
  return fail(Error::frame_too_large);
}

// The delimiter that ends first, with its last byte at `from` or later and before `limit`.
std::optional<Delimiter::Match> Delimiter::find(const ByteCursor& input, std::size_t from,
                                                std::size_t limit) const {
  if (from >= limit) return std::nullopt;
  ByteCursor place = input.ahead(from);
  std::size_t position = from;
  while (position < limit) {
    const std::byte* const begin = place.data();
    const std::size_t count = std::min(place.contiguous_bytes(), limit - position);
    const std::byte* at = begin;
    while ((at = detail::find_any_of(at, begin + count, last_bytes_)) != begin + count) {
      ++at;
      const std::size_t end = position + static_cast<std::size_t>(at - begin);
      const std::size_t size = delimiter_before(place.buffer(), place.buffer()->data(), at, end);
      if (size != 0) return Match{end, size};
    }
    place.advance(count);
    position += count;
  }
  return std::nullopt;
}

// The size of the longest delimiter that ends at `end` in `*buffer`, with at most `bytes_max` bytes
// of this frame before it; 0 if there is none. Goes back into earlier buffers where needed.
std::size_t Delimiter::delimiter_before(const Buffer* buffer, const std::byte* buffer_begin,
                                        const std::byte* end, std::size_t bytes_max) const {
  for (const std::string& delimiter : by_size_) {
    std::size_t rest = delimiter.size();
    if (rest > bytes_max) continue;
    const Buffer* piece = buffer;
    const std::byte* piece_begin = buffer_begin;
    const std::byte* piece_end = end;
    while (rest != 0) {
      const std::size_t count = std::min(rest, static_cast<std::size_t>(piece_end - piece_begin));
      rest -= count;
      if (std::memcmp(piece_end - count, delimiter.data() + rest, count) != 0) break;
      if (rest == 0) return delimiter.size();
      --piece;
      piece_begin = piece->data();
      piece_end = piece_begin + piece->size();
    }
  }
  return 0;
}

Result<> Delimiter::encode(Frame frame, Chain& output) const {
  const std::size_t written = is_kept_ ? 0 : options_.delimiters.front().size();
  Result<Buffer> delimiter = detail::allocate_bytes(written);
  if (!delimiter) return fail(delimiter.error());
  if (written != 0) {
    std::memcpy(delimiter->writable().data(), options_.delimiters.front().data(), written);
  }
  frame.append(std::move(*delimiter));

  // What decode would make of it.
  const auto match = find(ByteCursor(frame), 0, frame.size());
  if (!match || match->end != frame.size() || (!is_kept_ && match->size != written)) {
    return fail(Error::frame_malformed);
  }
  if (frame.size() - match->size > options_.frame_bytes_max) return fail(Error::frame_too_large);
  output.append(std::move(frame));
  return {};
}

Result<std::optional<Chain>> Delimiter::finish(Chain& rest) {
  if (is_skipping_) {
    rest.clear();
    if (!std::exchange(is_reported_, true)) return fail(Error::frame_too_large);
    return std::nullopt;
  }
  if (rest.empty() || options_.stream_rest == StreamRest::is_error) return std::nullopt;
  if (rest.size() > options_.frame_bytes_max) return fail(Error::frame_too_large);
  set_searched(0);
  const std::size_t size = rest.size();
  Chain frame = ByteCursor(rest).view(0, size).retain();
  rest.clear();
  return frame;
}

}  // namespace weir::protocols
