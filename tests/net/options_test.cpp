// Options may be written inside a `co_await` expression on GCC 12, which destroys temporaries there
// twice, because all of them are trivially destructible.
// tests/conformance/net/inline_options_test.cpp writes them there.
#include <type_traits>

#include <gtest/gtest.h>

#include "weir/protocols/cobs.h"
#include "weir/protocols/datagram_sequence.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/stop_and_wait.h"
#include "weir/protocols/varint_prefix.h"
#include "weir/weir.h"

namespace weir {
namespace {

template <typename... Ts>
constexpr bool are_trivially_destructible = (std::is_trivially_destructible_v<Ts> && ...);

TEST(Options, AreTriviallyDestructible) {
  static_assert(are_trivially_destructible<RuntimeOptions, BufferPool::Options, LogSink>);
  static_assert(are_trivially_destructible<ConnectOptions, ListenOptions, ServeOptions,
                                           StreamLimits, Keepalive, UdpOptions>);
  // DelimiterOptions are not: they own their delimiters, and no coroutine takes them.
  static_assert(
      are_trivially_destructible<protocols::CobsOptions, protocols::DatagramSequenceOptions,
                                 protocols::JsonHeaderOptions, protocols::LengthPrefixOptions,
                                 protocols::LineOptions, protocols::StopAndWaitSenderOptions,
                                 protocols::StopAndWaitReceiverOptions,
                                 protocols::VarintPrefixOptions>);
}

}  // namespace
}  // namespace weir
