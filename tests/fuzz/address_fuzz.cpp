// Property: whatever parses prints to something that parses to the same address, and the parser
// and its explanation agree on what is an address.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/fuzz/fuzz_target.h"
#include "weir/net/address.h"

namespace address_fuzz {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

WEIR_FUZZ_TARGET(address)(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);

  const auto address = weir::Address::parse(text);
  require(address.has_value() == weir::explain_address_error(text).empty());
  if (!address) return 0;

  const auto again = weir::Address::parse(address->to_string());
  require(again && *again == *address && again->hash() == address->hash());
  const auto from_kernel =
      weir::Address::from_sockaddr(address->as_sockaddr(), address->sockaddr_length());
  require(from_kernel && *from_kernel == *address);
  require(address->with_port(1).with_port(address->port()) == *address);
  return 0;
}

}  // namespace address_fuzz
