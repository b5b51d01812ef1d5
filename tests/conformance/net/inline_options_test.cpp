// Every call that takes options, with the options written inside the `co_await` expression: GCC 12
// destroys some temporaries there twice (STYLE.md section 5). Run under AddressSanitizer.
#include <chrono>
#include <cstddef>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"
#include "weir/core/when_any.h"

namespace weir {
namespace {

using std::chrono::seconds;

class InlineOptionsTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(InlineOptionsTest);

constexpr std::size_t receive_bytes = 8192;

Task<bool> is_at_end(TcpStream* stream) {
  const Result<Chain> bytes = co_await stream->read();
  co_return bytes && bytes->empty();
}

TEST_P(InlineOptionsTest, TcpStreamsHaveTheLimitsOfTheExpressionThatMadeThem) {
  run_net([]() -> Task<void> {
    TcpListener listener =
        TcpListener::bind(Address::loopback(0), {.backlog = 16, .shards = ListenOn::this_shard})
            .value();
    TcpStream ours =
        (co_await connect(listener.address(),
                          {.timeout = seconds(5), .limits = {.receive_bytes_max = receive_bytes}}))
            .value();
    TcpStream theirs =
        (co_await listener.accept({.receive_bytes_max = receive_bytes, .low_water_bytes = 1}))
            .value();
    TcpStream more =
        (co_await connect_from(Address::loopback(0), listener.address(), {.timeout = seconds(5)}))
            .value();

    EXPECT_EQ(ours.limits().receive_bytes_max, receive_bytes);
    EXPECT_EQ(theirs.limits().receive_bytes_max, receive_bytes);
    EXPECT_EQ(theirs.limits().low_water_bytes, 1U);
    EXPECT_TRUE(more.valid());
  });
}

TEST_P(InlineOptionsTest, UnixStreamsHaveTheLimitsOfTheExpressionThatMadeThem) {
  run_net([]() -> Task<void> {
    UnixListener listener = test::bind_unix("weir-inline-options-");
    UnixStream ours = (co_await connect_unix(
                           listener.address(),
                           {.timeout = seconds(5), .limits = {.receive_bytes_max = receive_bytes}}))
                          .value();
    UnixStream theirs = (co_await listener.accept({.receive_bytes_max = receive_bytes})).value();

    EXPECT_EQ(ours.limits().receive_bytes_max, receive_bytes);
    EXPECT_EQ(theirs.limits().receive_bytes_max, receive_bytes);
  });
}

TEST_P(InlineOptionsTest, ServingKeepsTheLimitsOfItsExpression) {
  run_net([]() -> Task<void> {
    TcpListener listener = test::bind_tcp();
    TcpStream client = (co_await connect(listener.address(), {.timeout = seconds(5)})).value();

    StreamLimits limits;
    auto leave_at_once = [&limits](TcpStream stream) -> Task<Result<void>> {
      limits = stream.limits();
      co_return co_await stream.close();
    };
    const auto first =
        co_await when_any(listener.serve(leave_at_once, {.connections_max = 4,
                                                         .idle_timeout = seconds(5),
                                                         .close_timeout = seconds(1),
                                                         .limits = {.high_water_bytes = 1}}),
                          is_at_end(&client));

    EXPECT_EQ(first.index, 1U);
    EXPECT_TRUE(std::get<1>(first.results));
    EXPECT_EQ(limits.high_water_bytes, 1U);
  });
}

}  // namespace
}  // namespace weir
