#include "weir/protocols/framing_error.h"

namespace weir::protocols {

std::string FramingError::to_string() const {
  std::string text = "at byte " + std::to_string(stream_offset) + " of the stream: ";
  text += code.message();
  if (missing_bytes != 0) {
    text += "; at least " + std::to_string(missing_bytes);
    text += missing_bytes == 1 ? " byte is missing" : " bytes are missing";
  }
  return text;
}

}  // namespace weir::protocols
