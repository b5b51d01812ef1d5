// An error nobody looks at is the wrong kind of silence. The warning is an error here.
#pragma GCC diagnostic error "-Wunused-result"

#include "weir/net/address.h"

void parse() {
#ifdef WEIR_MISUSE
  weir::Address::parse("127.0.0.1:7");
#else
  (void)weir::Address::parse("127.0.0.1:7");
#endif
}
