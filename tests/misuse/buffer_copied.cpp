// A Buffer is counted: another reference is made by share(), visibly, never by a copy.
#include <utility>

#include "weir/base/buffer.h"

weir::Buffer hand_over(weir::Buffer& buffer) {
#ifdef WEIR_MISUSE
  return buffer;
#else
  return std::move(buffer);
#endif
}
