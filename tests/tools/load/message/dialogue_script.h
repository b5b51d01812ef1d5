// What the tests of dialogues share: bytes in, bytes out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "tools/weir/load/message/dialogue.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"

namespace weir::test {

using Taken = std::expected<std::uint64_t, std::string>;

[[nodiscard]] inline Chain chain_of(std::string_view text) {
  return Buffer::copy_of(as_bytes(text));
}

/// The next `count` requests, from number `first` on, as they stand on the wire.
[[nodiscard]] inline std::string ask(tools::load::Dialogue& dialogue, std::uint64_t count,
                                     std::uint64_t first = 0) {
  Chain wire;
  for (std::uint64_t i = 0; i < count; ++i) {
    (void)dialogue.append_request({.number = first + i}, wire);
  }
  return wire.to_string();
}

/// Gives `text` in pieces of `piece_bytes`. \returns all answers, or the first error.
[[nodiscard]] inline Taken take_in_pieces(tools::load::Dialogue& dialogue, std::string_view text,
                                          std::size_t piece_bytes) {
  std::uint64_t answers = 0;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, piece_bytes);
    text.remove_prefix(piece.size());
    const Taken taken = dialogue.take(chain_of(piece));
    if (!taken) return taken;
    answers += *taken;
  }
  return answers;
}

/// As `take`, for a text.
[[nodiscard]] inline Taken take_text(tools::load::Dialogue& dialogue, std::string_view text) {
  return dialogue.take(chain_of(text));
}

}  // namespace weir::test
