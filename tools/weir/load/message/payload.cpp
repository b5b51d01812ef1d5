#include "tools/weir/load/message/payload.h"

#include <algorithm>

#include "tools/weir/common/split_mix.h"
#include "weir/base/bytes.h"

namespace weir::tools::load {
namespace {

using Word = std::uint64_t;

constexpr std::size_t word_bytes = sizeof(Word);
constexpr std::size_t block_words = 8;
constexpr std::size_t block_bytes = block_words * word_bytes;

constexpr Word step = split_mix_step;

constexpr Word first_word(MessageId message) noexcept {
  return split_mix(message.sequence + step * (Word{message.connection} + 1));
}

/// Bytes up to the next word boundary: what has to be done one by one.
std::size_t head_bytes(std::size_t offset, std::size_t size) noexcept {
  const std::size_t past_boundary = offset % word_bytes;
  return past_boundary == 0 ? 0 : std::min(word_bytes - past_boundary, size);
}

std::byte byte_of(Word word, std::size_t index) noexcept {
  return static_cast<std::byte>(word >> (8 * index));
}

std::optional<std::size_t> find_mismatch_in_word(Word word, std::size_t first,
                                                 std::span<const std::byte> piece) noexcept {
  for (std::size_t i = 0; i < piece.size(); ++i) {
    if (piece[i] != byte_of(word, first + i)) return i;
  }
  return std::nullopt;
}

}  // namespace

void fill_payload(MessageId message, std::size_t offset, std::span<std::byte> out) noexcept {
  Word word = first_word(message) + step * (offset / word_bytes);
  if (const std::size_t head = head_bytes(offset, out.size()); head > 0) {
    for (std::size_t i = 0; i < head; ++i) out[i] = byte_of(word, offset % word_bytes + i);
    word += step;
    out = out.subspan(head);
  }
  while (out.size() >= block_bytes) {
    for (std::size_t i = 0; i < block_words; ++i) {
      store_le<Word>(out.data() + i * word_bytes, word + i * step);
    }
    word += block_words * step;
    out = out.subspan(block_bytes);
  }
  while (out.size() >= word_bytes) {
    store_le<Word>(out.data(), word);
    word += step;
    out = out.subspan(word_bytes);
  }
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = byte_of(word, i);
}

std::optional<std::size_t> find_payload_mismatch(MessageId message, std::size_t offset,
                                                 std::span<const std::byte> piece) noexcept {
  Word word = first_word(message) + step * (offset / word_bytes);
  std::size_t checked = head_bytes(offset, piece.size());
  if (checked > 0) {
    if (auto at = find_mismatch_in_word(word, offset % word_bytes, piece.first(checked))) return at;
    word += step;
  }
  while (piece.size() - checked >= block_bytes) {
    Word difference = 0;  // one branch per block, not per word
    for (std::size_t i = 0; i < block_words; ++i) {
      difference |= load_le<Word>(piece.data() + checked + i * word_bytes) ^ (word + i * step);
    }
    if (difference != 0) break;  // the loop below finds where
    word += block_words * step;
    checked += block_bytes;
  }
  while (checked < piece.size()) {
    const std::size_t size = std::min(word_bytes, piece.size() - checked);
    if (size == word_bytes && load_le<Word>(piece.data() + checked) == word) {
      checked += word_bytes;
      word += step;
      continue;
    }
    if (auto at = find_mismatch_in_word(word, 0, piece.subspan(checked, size)))
      return checked + *at;
    checked += size;
    word += step;
  }
  return std::nullopt;
}

std::byte payload_byte(MessageId message, std::size_t offset) noexcept {
  return byte_of(first_word(message) + step * (offset / word_bytes), offset % word_bytes);
}

}  // namespace weir::tools::load
