// A program that knows weir as an installed package only. Exits 0 if the libraries work here and
// the process still has the allocator it was linked with.
#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/net/address.h"
#include "weir/protocols/codec.h"

namespace {

bool works() {
  weir::Chain chain;
  chain.append(weir::Buffer::copy_of(weir::as_bytes("weir")));
  const auto address = weir::Address::parse("127.0.0.1:7");
  return chain == "weir" && address.has_value();
}

// mimalloc is opened for the frames of the runtime alone. Debian's libmimalloc.so exports malloc:
// if anything linked it, the first malloc in the symbol scope would be its.
bool allocator_is_untouched() {
  Dl_info owner{};
  auto* first = ::dlsym(RTLD_DEFAULT, "malloc");
  return ::dladdr(first, &owner) != 0 && std::strstr(owner.dli_fname, "mimalloc") == nullptr;
}

}  // namespace

int main() { return works() && allocator_is_untouched() ? EXIT_SUCCESS : EXIT_FAILURE; }
