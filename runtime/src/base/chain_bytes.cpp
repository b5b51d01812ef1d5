// The parts of Chain that look at its bytes: copies, searches, comparisons.
#include <algorithm>
#include <cstring>

#include "weir/base/chain.h"

namespace weir {

std::size_t Chain::copy_to(std::span<std::byte> target) const noexcept {
  std::size_t copied = 0;
  for (const Buffer& buffer : *this) {
    const std::size_t count = std::min(buffer.size(), target.size() - copied);
    if (count == 0) break;
    std::memcpy(target.data() + copied, buffer.data(), count);
    copied += count;
  }
  return copied;
}

std::size_t Chain::iovecs(std::span<iovec> out, std::size_t bytes_max) const noexcept {
  std::size_t count = 0;
  for (const Buffer& buffer : *this) {
    if (count == out.size() || bytes_max == 0) break;
    const std::size_t bytes = std::min(buffer.size(), bytes_max);
    // A gather only reads; iovec serves both directions and knows no const.
    out[count++] = {.iov_base = const_cast<std::byte*>(buffer.data()), .iov_len = bytes};
    bytes_max -= bytes;
  }
  return count;
}

std::optional<std::size_t> Chain::find(std::byte needle, std::size_t from) const noexcept {
  std::size_t position = 0;  // of the buffer in the chain
  for (const Buffer& buffer : *this) {
    const std::size_t skipped = from > position ? from - position : 0;
    if (skipped < buffer.size()) {
      const void* const found = std::memchr(buffer.data() + skipped, std::to_integer<int>(needle),
                                            buffer.size() - skipped);
      if (found != nullptr) {
        return position +
               static_cast<std::size_t>(static_cast<const std::byte*>(found) - buffer.data());
      }
    }
    position += buffer.size();
  }
  return std::nullopt;
}

std::optional<std::size_t> Chain::find(std::string_view needle, std::size_t from) const noexcept {
  return find(std::as_bytes(std::span(needle)), from);
}

std::optional<std::size_t> Chain::find(std::span<const std::byte> needle,
                                       std::size_t from) const noexcept {
  if (from > size_ || needle.size() > size_ - from) return std::nullopt;
  if (needle.empty()) return from;

  std::size_t position = 0;  // of the buffer in the chain
  for (const Buffer* buffer = begin(); buffer != end(); ++buffer) {
    const std::size_t skipped = from > position ? from - position : 0;
    if (skipped < buffer->size()) {
      if (const auto found = find_beginning_in(buffer, skipped, needle)) return position + *found;
    }
    position += buffer->size();
  }
  return std::nullopt;
}

// The first occurrence that begins in `*buffer` at `from` or later; it may end in a later buffer.
std::optional<std::size_t> Chain::find_beginning_in(
    const Buffer* buffer, std::size_t from, std::span<const std::byte> needle) const noexcept {
  const std::byte* const data = buffer->data();
  const std::size_t size = buffer->size();
  const void* const whole = ::memmem(data + from, size - from, needle.data(), needle.size());
  if (whole != nullptr) {
    return static_cast<std::size_t>(static_cast<const std::byte*>(whole) - data);
  }

  // What begins in the last needle.size() - 1 bytes ends beyond the seam.
  if (size >= needle.size()) from = std::max(from, size - needle.size() + 1);
  while (from < size) {
    const void* const first =
        std::memchr(data + from, std::to_integer<int>(needle[0]), size - from);
    if (first == nullptr) break;
    from = static_cast<std::size_t>(static_cast<const std::byte*>(first) - data);
    if (continues_with(buffer, from, needle)) return from;
    ++from;
  }
  return std::nullopt;
}

// True if the bytes from `offset` in `*buffer` on, across seams, begin with `needle`.
bool Chain::continues_with(const Buffer* buffer, std::size_t offset,
                           std::span<const std::byte> needle) const noexcept {
  for (; buffer != end(); ++buffer, offset = 0) {
    const std::size_t count = std::min(buffer->size() - offset, needle.size());
    if (std::memcmp(buffer->data() + offset, needle.data(), count) != 0) return false;
    needle = needle.subspan(count);
    if (needle.empty()) return true;
  }
  return false;
}

bool Chain::equals(std::span<const std::byte> other) const noexcept {
  if (other.size() != size_) return false;
  return size_ == 0 || continues_with(begin(), 0, other);
}

bool Chain::equals(const Chain& other) const noexcept {
  if (other.size_ != size_) return false;
  const Buffer* mine = begin();
  std::size_t offset = 0;  // in *mine
  for (const Buffer& theirs : other) {
    std::span<const std::byte> rest = theirs.bytes();
    while (!rest.empty()) {
      const std::size_t count = std::min(mine->size() - offset, rest.size());
      if (std::memcmp(mine->data() + offset, rest.data(), count) != 0) return false;
      rest = rest.subspan(count);
      offset += count;
      if (offset == mine->size()) {
        ++mine;
        offset = 0;
      }
    }
  }
  return true;
}

std::string Chain::to_string() const {
  std::string text;
  text.reserve(size_);
  for (const Buffer& buffer : *this) {
    text.append(reinterpret_cast<const char*>(buffer.data()), buffer.size());
  }
  return text;
}

}  // namespace weir
