// Closing a listener that somebody waits on: the way to end an accept loop.
#include <optional>
#include <system_error>

#include <gtest/gtest.h>

#include "tests/support/net_fixture.h"

namespace weir {
namespace {

class ListenerCloseTest : public test::NetTest {};
WEIR_ON_EACH_BACKEND(ListenerCloseTest);

/// \param ended_by why the loop ended
template <typename Listener>
Task<void> accept_all(Listener* listener, int* accepted, std::optional<std::error_code>* ended_by) {
  for (;;) {
    const auto stream = co_await listener->accept();
    if (!stream) {
      ended_by->emplace(stream.error());
      co_return;
    }
    *accepted += 1;
  }
}

template <typename Listener>
Task<void> close_ends_the_loop(Listener listener) {
  int accepted = 0;
  std::optional<std::error_code> ended_by;
  Scope scope;
  scope.spawn(accept_all(&listener, &accepted, &ended_by));
  const test::PeerSocket peer = test::begin_connect(listener.address());
  co_await test::until([&accepted] { return accepted == 1; });
  co_await test::some_turns(5);

  listener.close();
  EXPECT_FALSE(ended_by.has_value());
  (void)co_await scope.join();

  EXPECT_EQ(ended_by, make_error_code(Error::closed));
  const auto later = co_await listener.accept();
  EXPECT_EQ(later.error(), Error::closed);
}

TEST_P(ListenerCloseTest, EndsAnAcceptThatWaits) {
  run_net([]() -> Task<void> { return close_ends_the_loop(test::bind_tcp()); });
}
TEST_P(ListenerCloseTest, EndsAnAcceptThatWaitsOnAUnixSocket) {
  run_net([]() -> Task<void> { return close_ends_the_loop(test::bind_unix("weir-close-")); });
}

TEST_P(ListenerCloseTest, DestructionAndAssignmentDoTheSame) {
  run_net([]() -> Task<void> {
    int accepted = 0;
    std::optional<std::error_code> assigned;
    std::optional<std::error_code> destroyed;
    std::optional<TcpListener> listener = test::bind_tcp();
    Scope scope;
    scope.spawn(accept_all(&*listener, &accepted, &assigned));
    co_await test::some_turns(5);

    listener = test::bind_tcp();
    co_await test::until([&assigned] { return assigned.has_value(); });
    std::optional<TcpListener> other = test::bind_tcp();
    scope.spawn(accept_all(&*other, &accepted, &destroyed));
    co_await test::some_turns(5);
    other.reset();
    (void)co_await scope.join();

    EXPECT_EQ(assigned, make_error_code(Error::closed));
    EXPECT_EQ(destroyed, make_error_code(Error::closed));
    EXPECT_EQ(accepted, 0);
  });
}

/// The first of the two decides what the accept yields.
TEST_P(ListenerCloseTest, MeetsACancellation) {
  for (const bool close_first : {true, false}) {
    run_net([close_first]() -> Task<void> {
      TcpListener listener = test::bind_tcp();
      int accepted = 0;
      std::optional<std::error_code> ended_by;
      Scope scope;
      scope.spawn(accept_all(&listener, &accepted, &ended_by));
      co_await test::some_turns(5);

      if (close_first) listener.close();
      scope.cancel();
      if (!close_first) listener.close();
      (void)co_await scope.join();

      EXPECT_EQ(ended_by, make_error_code(close_first ? Error::closed : Error::cancelled));
    });
  }
}

}  // namespace
}  // namespace weir
