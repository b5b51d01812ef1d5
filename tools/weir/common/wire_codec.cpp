#include "tools/weir/common/wire_codec.h"

#include <array>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/nearest_match.h"

namespace weir::tools {
namespace {

constexpr std::array wire_codecs = {WireCodec::raw,    WireCodec::len16, WireCodec::len32,
                                    WireCodec::varint, WireCodec::line,  WireCodec::json_header};

}  // namespace

std::string_view to_text(WireCodec codec) noexcept {
  switch (codec) {
    case WireCodec::raw:
      return "raw";
    case WireCodec::len16:
      return "len16";
    case WireCodec::len32:
      return "len32";
    case WireCodec::varint:
      return "varint";
    case WireCodec::line:
      return "line";
    case WireCodec::json_header:
      return "json-header";
  }
  return {};
}

Checked<WireCodec> parse_wire_codec(std::string_view text) {
  std::vector<std::string> known;
  for (const WireCodec codec : wire_codecs) {
    if (text == to_text(codec)) return codec;
    known.emplace_back(to_text(codec));
  }
  return usage_error(fmt::format("there is no codec \"{}\"{}", text, suggest(text, known)));
}

}  // namespace weir::tools
