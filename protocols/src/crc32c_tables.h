// Tables for CRC-32C, computed by the compiler from the polynomial alone.
//
// The register of a CRC is linear in the bits that went in, so that "append n zero bytes" is a
// 32 x 32 matrix of bits; its square appends 2n.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace weir::protocols::detail {

/// 0x1EDC6F41 with its bits reversed: the lowest bit goes first.
inline constexpr std::uint32_t crc32c_polynomial = 0x82F63B78;

/// Maps the byte b of a register, at place k, to what it becomes: tables[k][b].
template <std::size_t Places>
using CrcTables = std::array<std::array<std::uint32_t, 256>, Places>;

/// One byte of zeros shifted into `crc`.
[[nodiscard]] constexpr std::uint32_t crc32c_zero_byte(std::uint32_t crc) noexcept {
  for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? crc32c_polynomial : 0);
  return crc;
}

/// tables[k][b]: the byte b followed by k bytes, for eight bytes a step.
[[nodiscard]] constexpr CrcTables<8> make_slice_tables() noexcept {
  CrcTables<8> tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) tables[0][byte] = crc32c_zero_byte(byte);
  for (std::size_t place = 1; place < 8; ++place) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t crc = tables[place - 1][byte];
      tables[place][byte] = (crc >> 8) ^ tables[0][crc & 0xFF];
    }
  }
  return tables;
}

/// A register followed by 2^ZeroBytesLog2 zero bytes, by the four bytes of the register.
template <unsigned ZeroBytesLog2>
[[nodiscard]] constexpr CrcTables<4> make_zeros_tables() noexcept {
  std::array<std::uint32_t, 32> columns{};  // what each bit of the register becomes
  for (std::size_t bit = 0; bit < 32; ++bit) {
    columns[bit] = crc32c_zero_byte(std::uint32_t{1} << bit);
  }
  for (unsigned doubling = 0; doubling < ZeroBytesLog2; ++doubling) {
    std::array<std::uint32_t, 32> squared{};
    for (std::size_t bit = 0; bit < 32; ++bit) {
      for (std::size_t row = 0; row < 32; ++row) {
        if ((columns[bit] >> row & 1) != 0) squared[bit] ^= columns[row];
      }
    }
    columns = squared;
  }
  CrcTables<4> tables{};
  for (std::size_t place = 0; place < 4; ++place) {
    for (std::size_t byte = 1; byte < 256; ++byte) {
      std::size_t lowest = 0;
      while ((byte >> lowest & 1) == 0) ++lowest;
      tables[place][byte] = tables[place][byte & (byte - 1)] ^ columns[8 * place + lowest];
    }
  }
  return tables;
}

}  // namespace weir::protocols::detail
