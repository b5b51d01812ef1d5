// CRC-32C (Castagnoli), the checksum of iSCSI, SCTP, ext4 and many storage formats: RFC 3720
// section 12.1, appendix B.4. The check value, of "123456789", is 0xE3069283.
//
// Uses the processor's instruction where there is one (SSE4.2, ARMv8 CRC), chosen once at run
// time, three streams at a time, because the instruction takes three cycles but starts each
// cycle. Otherwise tables, eight bytes a step. Detects errors, not forgery.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace weir::protocols {

/// The CRC-32C of what `crc` was computed of, followed by `bytes`. 0 is the CRC of nothing.
[[nodiscard]] std::uint32_t crc32c(std::span<const std::byte> bytes,
                                   std::uint32_t crc = 0) noexcept;

/// The same from the tables, for machines without the instruction and to check it.
[[nodiscard]] std::uint32_t crc32c_portable(std::span<const std::byte> bytes,
                                            std::uint32_t crc = 0) noexcept;

/// "sse4.2", "armv8" or "portable": what `crc32c` runs on here.
[[nodiscard]] const char* crc32c_implementation() noexcept;

}  // namespace weir::protocols
