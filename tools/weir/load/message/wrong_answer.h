// The sentences about answers that are not what was asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::tools::load {

/// Which answer.
struct AnswerId {
  std::uint32_t connection = 0;
  std::uint64_t request = 0;
};

/// `connection 3, request 17, byte 5: expected 0x41, found 0x00`
[[nodiscard]] std::string wrong_byte(AnswerId answer, std::size_t offset, std::byte expected,
                                     std::byte found);

/// `connection 3, request 17: expected an answer of 64 bytes, found 63`
[[nodiscard]] std::string wrong_size(AnswerId answer, std::size_t expected, std::size_t found);

/// `connection 3, request 17: expected a match of "^OK", found "ERROR 7"`, of which the first
/// characters are shown, others than printable ones as \x00.
[[nodiscard]] std::string no_match(AnswerId answer, std::string_view pattern,
                                   std::string_view found);

/// `connection 3: expected no answer, found 12 bytes: all requests have theirs`
[[nodiscard]] std::string surplus(std::uint32_t connection, std::size_t found_bytes);

}  // namespace weir::tools::load
