#include "weir/protocols/crc32c.h"

#include "crc32c_tables.h"
#include "weir/base/bytes.h"

#if defined(__x86_64__)
#include <nmmintrin.h>
#elif defined(__aarch64__) && defined(__linux__)
#include <arm_acle.h>
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

namespace weir::protocols {
namespace {

// The register between two calls; the CRC is its complement.
using Update = std::uint32_t (*)(std::uint32_t crc, const std::byte* data, std::size_t size);

struct Implementation {
  const char* name;
  Update update;
};

constexpr detail::CrcTables<8> slices = detail::make_slice_tables();

std::uint32_t update_portable(std::uint32_t crc, const std::byte* data, std::size_t size) {
  for (; size >= 8; data += 8, size -= 8) {
    const std::uint64_t word = load_le<std::uint64_t>(data) ^ crc;
    crc = slices[7][word & 0xFF] ^ slices[6][word >> 8 & 0xFF] ^ slices[5][word >> 16 & 0xFF] ^
          slices[4][word >> 24 & 0xFF] ^ slices[3][word >> 32 & 0xFF] ^
          slices[2][word >> 40 & 0xFF] ^ slices[1][word >> 48 & 0xFF] ^ slices[0][word >> 56];
  }
  for (; size != 0; ++data, --size) {
    crc = (crc >> 8) ^ slices[0][(crc ^ std::to_integer<std::uint32_t>(*data)) & 0xFF];
  }
  return crc;
}

// Three streams hide the latency of the instruction. A block is long enough that joining them
// costs a few percent, and short enough that frames of 1.5 KiB profit already.
constexpr unsigned block_bytes_log2 = 9;
constexpr std::size_t block_bytes = std::size_t{1} << block_bytes_log2;

#if defined(__x86_64__)
#define WEIR_CRC32C_INSTRUCTION
#define WEIR_CRC32C_TARGET [[gnu::target("sse4.2")]]

WEIR_CRC32C_TARGET inline std::uint64_t add_word(std::uint64_t crc, const std::byte* data) {
  return _mm_crc32_u64(crc, load_le<std::uint64_t>(data));
}
WEIR_CRC32C_TARGET inline std::uint32_t add_byte(std::uint32_t crc, std::byte byte) {
  return _mm_crc32_u8(crc, std::to_integer<unsigned char>(byte));
}
#elif defined(__aarch64__) && defined(__linux__)
#define WEIR_CRC32C_INSTRUCTION
#define WEIR_CRC32C_TARGET [[gnu::target("+crc")]]

WEIR_CRC32C_TARGET inline std::uint64_t add_word(std::uint64_t crc, const std::byte* data) {
  return __crc32cd(static_cast<std::uint32_t>(crc), load_le<std::uint64_t>(data));
}
WEIR_CRC32C_TARGET inline std::uint32_t add_byte(std::uint32_t crc, std::byte byte) {
  return __crc32cb(crc, std::to_integer<unsigned char>(byte));
}
#endif

#if defined(WEIR_CRC32C_INSTRUCTION)
constexpr detail::CrcTables<4> block_of_zeros = detail::make_zeros_tables<block_bytes_log2>();

// The register after block_bytes more zero bytes.
std::uint32_t add_block_of_zeros(std::uint32_t crc) {
  return block_of_zeros[0][crc & 0xFF] ^ block_of_zeros[1][crc >> 8 & 0xFF] ^
         block_of_zeros[2][crc >> 16 & 0xFF] ^ block_of_zeros[3][crc >> 24];
}

WEIR_CRC32C_TARGET std::uint32_t update_by_instruction(std::uint32_t crc, const std::byte* data,
                                                       std::size_t size) {
  for (; size >= 3 * block_bytes; data += 3 * block_bytes, size -= 3 * block_bytes) {
    std::uint64_t first = crc;
    std::uint64_t second = 0;
    std::uint64_t third = 0;
    for (std::size_t at = 0; at < block_bytes; at += 8) {
      first = add_word(first, data + at);
      second = add_word(second, data + block_bytes + at);
      third = add_word(third, data + 2 * block_bytes + at);
    }
    crc =
        add_block_of_zeros(static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second);
    crc = add_block_of_zeros(crc) ^ static_cast<std::uint32_t>(third);
  }
  std::uint64_t word_crc = crc;
  for (; size >= 8; data += 8, size -= 8) word_crc = add_word(word_crc, data);
  crc = static_cast<std::uint32_t>(word_crc);
  for (; size != 0; ++data, --size) crc = add_byte(crc, *data);
  return crc;
}
#endif

Implementation choose() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return {"sse4.2", update_by_instruction};
#elif defined(__aarch64__) && defined(__linux__)
  if ((::getauxval(AT_HWCAP) & HWCAP_CRC32) != 0) return {"armv8", update_by_instruction};
#endif
  return {"portable", update_portable};
}

const Implementation& chosen() noexcept {
  static const Implementation implementation = choose();
  return implementation;
}

}  // namespace

std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc) noexcept {
  return ~chosen().update(~crc, bytes.data(), bytes.size());
}

std::uint32_t crc32c_portable(std::span<const std::byte> bytes, std::uint32_t crc) noexcept {
  return ~update_portable(~crc, bytes.data(), bytes.size());
}

const char* crc32c_implementation() noexcept { return chosen().name; }

}  // namespace weir::protocols
