// Uses the lowest library only: no runtime, no kernel.
#include <cstdlib>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/protocols/codec.h"

int main() {
  weir::Chain chain;
  chain.append(weir::Buffer::copy_of(weir::as_bytes("weir")));
  return chain == "weir" ? EXIT_SUCCESS : EXIT_FAILURE;
}
