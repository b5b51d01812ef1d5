// What `serve` promises: limits, failures that stay with their connection, stopping.
#include <cerrno>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/ipv6.h"
#include "tests/support/net_fixture.h"
#include "weir/core/drain.h"
#include "weir/core/event.h"

namespace weir {
namespace {

class ServeTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ServeTest);

using Stats = std::optional<Result<ServeStats>>;

/// One round trip.
Task<bool> answers(TcpStream* stream) {
  const WriteResult written = co_await stream->write("ping");
  if (!written) co_return false;
  const Result<Chain> read = co_await stream->read_exactly(4);
  co_return read.has_value() && *read == "ping";
}

TcpListener bind_loopback() { return TcpListener::bind(Address::loopback(0)).value(); }

TEST_P(ServeTest, ServesEachConnectionUntilTheDrain) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, {}, &stats));
    std::vector<TcpStream> clients;
    for (int index = 0; index < 20; ++index) {
      Result<TcpStream> client = co_await connect(listener.address());
      clients.push_back(std::move(client).value());
      const bool served = co_await answers(&clients.back());
      EXPECT_TRUE(served);
    }

    Runtime::current().drain();
    for (TcpStream& client : clients) {
      const Result<Chain> end = co_await client.read();
      EXPECT_TRUE(end.has_value() && end->empty());
    }
    clients.clear();
    (void)co_await scope.join();

    EXPECT_EQ(stats->value().accepted, 20U);
    EXPECT_EQ(stats->value().ended, 20U);
    EXPECT_EQ(stats->value().failed, 0U);
    EXPECT_EQ(stats->value().bytes_received, 80U);
    EXPECT_EQ(stats->value().bytes_sent, 80U);
  });
}

Task<Result<void>> fail_at_once(TcpStream stream) {
  (void)stream;
  co_return fail(Error::limit_exceeded);
}

Task<Result<void>> throw_at_once(TcpStream stream) {
  (void)stream;
  throw std::runtime_error("handler");
  co_return Result<void>();
}

Task<Result<void>> throw_before_the_task(TcpStream stream) {
  (void)stream;
  throw std::runtime_error("before the task");
}

TEST_P(ServeTest, AHandlerThatFailsEndsItsConnectionOnly) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    int count = 0;
    Stats stats;
    Scope scope;
    auto handler = [&count](TcpStream stream) {
      switch (count++) {
        case 0:
          return fail_at_once(std::move(stream));
        case 1:
          return throw_at_once(std::move(stream));
        case 2:
          return throw_before_the_task(std::move(stream));
        default:
          return test::echo(std::move(stream));
      }
    };
    scope.spawn(test::serve_into(&listener, handler, {}, &stats));

    for (int index = 0; index < 3; ++index) {
      Result<TcpStream> client = co_await connect(listener.address());
      const Result<Chain> end = co_await client->read();
      EXPECT_TRUE(end.has_value() && end->empty()) << index;
    }
    TcpStream client = (co_await connect(listener.address())).value();
    const bool served = co_await answers(&client);
    EXPECT_TRUE(served);
    client = TcpStream();
    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_EQ(stats->value().accepted, 4U);
    EXPECT_EQ(stats->value().failed, 3U);
  });
}

TEST_P(ServeTest, ConnectionsBeyondTheLimitWait) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, {.connections_max = 2}, &stats));
    std::vector<TcpStream> clients;
    for (int index = 0; index < 4; ++index) {
      Result<TcpStream> client = co_await connect(listener.address());
      clients.push_back(std::move(client).value());
    }
    for (std::size_t index = 0; index < 2; ++index) {
      const bool served = co_await answers(&clients[index]);
      EXPECT_TRUE(served);
    }
    (void)co_await clients[2].write("ping");
    const Result<Chain> early =
        co_await with_timeout(std::chrono::milliseconds(30), clients[2].read_exactly(4));
    EXPECT_EQ(early.error(), Error::deadline_exceeded);

    clients[0] = TcpStream();
    const Result<Chain> later = co_await clients[2].read_exactly(4);
    EXPECT_TRUE(later.has_value() && *later == "ping");
    clients[1] = TcpStream();
    const bool served = co_await answers(&clients[3]);
    EXPECT_TRUE(served);
    clients.clear();
    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_EQ(stats->value().accepted, 4U);
    EXPECT_GE(stats->value().limit_pauses, 1U);
  });
}

TEST_P(ServeTest, AnAddressBeyondItsQuotaIsRefused) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(
        test::serve_into(&listener, test::echo<TcpStream>, {.connections_per_ip_max = 2}, &stats));
    std::vector<TcpStream> clients;
    for (int index = 0; index < 3; ++index) {
      Result<TcpStream> client = co_await connect(listener.address());
      clients.push_back(std::move(client).value());
    }
    const Result<Chain> refused = co_await clients[2].read();
    EXPECT_EQ(refused.error(), from_errno(ECONNRESET));
    const Address elsewhere = Address::ipv4({127, 0, 0, 9}, 0);
    TcpStream other = (co_await connect_from(elsewhere, listener.address())).value();
    bool served = co_await answers(&other);
    EXPECT_TRUE(served);

    const Result<void> closed = co_await clients[0].close();
    EXPECT_TRUE(closed.has_value());
    TcpStream next = (co_await connect(listener.address())).value();
    served = co_await answers(&next);
    EXPECT_TRUE(served);
    clients.clear();
    other = TcpStream();
    next = TcpStream();
    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_EQ(stats->value().refused_by_quota, 1U);
  });
}

/// The loopback address of IPv4 as IPv6 has it: of what a dual-stack listener takes, what stays on
/// this machine.
Address mapped_loopback() { return Address::parse("[::ffff:127.0.0.1]:0").value(); }

TEST_P(ServeTest, ADualStackListenerTakesIpv4Connections) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    TcpListener listener = TcpListener::bind(mapped_loopback(), {.dual_stack = Switch::on}).value();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, {}, &stats));
    TcpStream client = (co_await connect(Address::loopback(listener.address().port()))).value();

    const bool served = co_await answers(&client);

    EXPECT_TRUE(served);
    client = TcpStream();
    Runtime::current().drain();
    (void)co_await scope.join();
  });
}

TEST_P(ServeTest, AnIpv6ListenerTakesNoIpv4ConnectionsUnlessToldTo) {
  WEIR_NEEDS_IPV6();
  run_net([]() -> Task<void> {
    EXPECT_EQ(TcpListener::bind(mapped_loopback()).error(), from_errno(EINVAL));
    co_return;
  });
}

TEST_P(ServeTest, AnIdleConnectionIsCancelled) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    ServeOptions options{.idle_timeout = std::chrono::milliseconds(50)};
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, options, &stats));
    TcpStream client = (co_await connect(listener.address())).value();
    const bool served = co_await answers(&client);
    EXPECT_TRUE(served);

    const Result<Chain> end = co_await client.read();

    EXPECT_TRUE(end.has_value() && end->empty());
    client = TcpStream();
    Runtime::current().drain();
    (void)co_await scope.join();
    EXPECT_EQ(stats->value().idle_cancelled, 1U);
    EXPECT_EQ(stats->value().failed, 1U);
  });
}

TEST_P(ServeTest, CancelledItDropsItsConnections) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, test::echo<TcpStream>, {}, &stats));
    TcpStream client = (co_await connect(listener.address())).value();
    const bool served = co_await answers(&client);
    EXPECT_TRUE(served);

    scope.cancel();
    (void)co_await scope.join();

    EXPECT_EQ(stats->error(), Error::cancelled);
    const Result<Chain> end = co_await client.read();
    EXPECT_FALSE(end.has_value() && !end->empty());
  });
}

TEST_P(ServeTest, ADroppedConnectionStillKnowsItsPeer) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    std::optional<Result<Address>> told;
    std::vector<std::error_code> refused;
    const auto tell = [&](TcpStream stream) -> Task<Result<void>> {
      bool open = true;
      while (open) {
        const Result<Chain> read = co_await stream.read();
        open = read.has_value();
      }
      co_await shielded(test::some_turns(20));  // the descriptor is closed by then
      told.emplace(stream.peer_address());
      refused = {stream.local_address().error(), stream.set_send_buffer(4096).error(),
                 stream.set_receive_buffer(4096).error(), stream.set_nodelay(Switch::on).error()};
      co_return Result<void>();
    };
    Scope scope;
    scope.spawn(test::serve_into(&listener, tell, {}, &stats));
    TcpStream client = (co_await connect(listener.address())).value();
    (void)co_await client.write("x");
    co_await test::some_turns(20);

    scope.cancel();
    (void)co_await scope.join();

    EXPECT_EQ(told.value(), client.local_address());
    EXPECT_EQ(refused, std::vector<std::error_code>(4, Error::closed));
  });
}

Task<Result<void>> answer_nothing(TcpStream stream) {
  (void)co_await shielded(stream.read());
  Event never;
  (void)co_await never.wait();
  co_return Result<void>();
}

TEST_P(ServeTest, TheDrainDeadlineCancelsAHandlerThatIgnoresTheDrain) {
  RuntimeOptions chosen = options();
  chosen.drain_timeout = std::chrono::milliseconds(50);
  run_net(chosen, []() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, answer_nothing, {}, &stats));
    TcpStream client = (co_await connect(listener.address())).value();
    (void)co_await client.write("x");
    co_await test::some_turns(20);

    Runtime::current().drain();
    (void)co_await scope.join();

    EXPECT_TRUE(stats->has_value());
    EXPECT_EQ(stats->value().ended, 1U);
    EXPECT_EQ(stats->value().dropped, 1U);
  });
}

TEST_P(ServeTest, ACancellationHurriesADrain) {
  run_net([]() -> Task<void> {
    TcpListener listener = bind_loopback();
    Stats stats;
    Scope scope;
    scope.spawn(test::serve_into(&listener, answer_nothing, {}, &stats));
    TcpStream client = (co_await connect(listener.address())).value();
    (void)co_await client.write("x");
    co_await test::some_turns(20);

    Runtime::current().drain();
    const Result<void> begun = co_await drain_begun();
    scope.cancel();
    (void)co_await scope.join();

    EXPECT_TRUE(begun);
    EXPECT_TRUE(stats->has_value());
    EXPECT_EQ(stats->value().dropped, 1U);
  });
}

}  // namespace
}  // namespace weir
