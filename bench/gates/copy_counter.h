// Counts the bytes that this program's code and the libraries in it copy by memcpy and memmove.
//
// The linker sends their calls here (--wrap), so nothing in the library is compiled differently.
// Not seen: copies that the compiler makes in line, which are those of constant size and the
// library's own short ones (weir/base/short_copy.h: payloads below 256 bytes), and what shared
// libraries and the kernel copy. So it tells of payloads of a KiB and more.
#pragma once

#include <cstdint>

namespace weir::gates {

/// On this thread, since it began.
[[nodiscard]] std::uint64_t bytes_copied_here() noexcept;

}  // namespace weir::gates
