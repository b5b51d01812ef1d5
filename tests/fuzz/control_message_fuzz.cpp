// Property: whatever the control data of a datagram is, reading it stays inside it (the sanitizers
// look), and reads the same again; a prefix of whole messages never says more than the whole.
#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

#include "reactor/datagram/control_message.h"
#include "reactor/datagram/error_queue.h"
#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"

namespace control_message_fuzz {
namespace {

using weir::test::require;

bool same(const weir::reactor::ReceivedControl& a, const weir::reactor::ReceivedControl& b) {
  return a.local == b.local && a.interface_index == b.interface_index &&
         a.segment_bytes == b.segment_bytes && a.drops_total == b.drops_total &&
         a.has_drops == b.has_drops && a.traffic_class == b.traffic_class &&
         a.hop_limit == b.hop_limit && a.timestamp == b.timestamp;
}

void check_received(std::span<const std::byte> control) {
  const auto received = weir::reactor::parse_control(control);
  require(same(received, weir::reactor::parse_control(control)));
  require(received.segment_bytes <= INT32_MAX);
  require(received.local.port() == 0);
  require(received.has_drops || received.drops_total == 0);
}

void check_error(std::span<const std::byte> control) {
  const weir::InternetAddress peer = weir::Address::loopback(9);
  const auto message = weir::reactor::parse_error_control(control, peer);
  if (!message.error) return;
  require(message.error->peer == peer);
  const bool is_too_big = message.error->kind == weir::DatagramError::Kind::too_big;
  require(is_too_big || message.error->mtu_bytes == 0);
  const auto& reporter = message.error->reporter;
  require(reporter.is_none() || reporter.is_ipv4() || reporter.is_ipv6());
}

}  // namespace

WEIR_FUZZ_TARGET(control_message)(const std::uint8_t* bytes, std::size_t size) {
  // On the heap: aligned as the kernel's is, and not a byte longer.
  const auto control = std::make_unique<std::byte[]>(size);
  if (size > 0) std::memcpy(control.get(), bytes, size);
  check_received({control.get(), size});
  check_error({control.get(), size});
  return 0;
}

}  // namespace control_message_fuzz
