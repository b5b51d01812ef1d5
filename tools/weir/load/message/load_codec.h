// How requests and answers stand on the wire: `--codec raw`, `raw:64`, `len32`, ...
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/common/wire_codec.h"
#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {

struct LoadCodec {
  WireCodec wire = WireCodec::raw;
  /// `raw:N`: nothing on the wire says where an answer ends, so they all have N bytes.
  std::optional<std::size_t> answer_bytes{};

  [[nodiscard]] bool is_raw() const noexcept { return wire == WireCodec::raw; }
  bool operator==(const LoadCodec&) const = default;
};

/// `raw:64`, `len32`
[[nodiscard]] std::string to_text(const LoadCodec& codec);

/// A codec by name, or `raw:N`.
[[nodiscard]] Checked<LoadCodec> parse_load_codec(std::string_view text);

/// The payloads that a request may have: at least a byte where there is no header, at most 16 MiB
/// and what the length can say.
[[nodiscard]] ByteRange payload_range(const LoadCodec& codec) noexcept;

}  // namespace weir::tools::load
