// Cancelling: every operation, before, with and after its completion, on each backend.
//
// The contract: a cancelled operation completes once, later, with -ECANCELED (a source: 0) or with
// what it had done by then. What a peer did is never lost: the operation has it, or the next one
// gets it.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using reactor::Operation;

/// An operation that can be started, and what its peer can do to complete it.
struct Scene {
  const char* name;
  Operation* operation;
  const int* runs;
  int result_of_cancel;
  std::function<void()> start;
  std::function<void()> make_complete;
  std::function<bool()> succeeded;  ///< the operation has what `make_complete` gave
  std::shared_ptr<void> owner;
};

template <typename State>
Scene make_scene(const char* name, int result_of_cancel, std::shared_ptr<State> state,
                 std::function<void()> make_complete, std::function<bool()> succeeded) {
  auto& operation = state->operation;
  auto* const reactor = &state->driver.reactor();
  return {name,
          &operation,
          &operation.runs,
          result_of_cancel,
          [&operation, reactor] { reactor->start(operation); },
          std::move(make_complete),
          std::move(succeeded),
          std::move(state)};
}

Scene receive_into_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) { operation.destination = memory; }
    ReactorDriver& driver;
    StreamPair pair{driver.reactor(), PairKind::tcp};
    std::array<std::byte, 16> memory{};
    TestReceiveInto operation{driver, pair.ours.descriptor()};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  return make_scene(
      "receive into", -ECANCELED, std::move(state), [&at] { at.pair.theirs.send("data"); },
      [&at] { return at.operation.result == 4 && at.memory[3] == std::byte{'a'}; });
}

Scene receive_source_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) {}
    ReactorDriver& driver;
    StreamPair pair{driver.reactor(), PairKind::tcp};
    TestReceiveSource operation{driver, pair.ours.descriptor()};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  return make_scene(
      "receive source", 0, std::move(state), [&at] { at.pair.theirs.send("data"); },
      [&at] { return at.operation.inbox == "data"; });
}

Scene accept_source_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) {}
    ~State() {
      for (const int fd : operation.accepted) ::close(fd);
    }
    ReactorDriver& driver;
    PeerListener listener{Address::loopback(0), 16, driver.reactor().socket_flags()};
    ReactorSocket socket{driver.reactor(), listener.release()};
    PeerSocket peer;
    TestAcceptSource operation{driver, socket.descriptor()};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  return make_scene(
      "accept source", 0, std::move(state),
      [&at] { at.peer = begin_connect(at.listener.address()); },
      [&at] { return at.operation.accepted.size() == 1; });
}

Scene send_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) {
      while (::send(pair.ours.fd(), filler.data(), filler.size(), MSG_DONTWAIT) > 0) {
      }
    }
    ReactorDriver& driver;
    StreamPair pair{driver.reactor(), PairKind::unix_socket};
    std::vector<std::byte> filler{std::size_t{1} << 20};
    Chain queue = numbered_chain(0, 100, 100);
    TestSend operation{driver, pair.ours.descriptor(), queue};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  Scene scene{"send", &at.operation, &at.operation.runs, -ECANCELED,
              // The result of a send that completes at once is made to look like the others'.
              [&at] {
                if (at.driver.reactor().start(at.operation, 1)) ++at.operation.runs;
              },
              [&at] {
                while (!at.pair.theirs.receive().empty()) {
                }
              },
              [&at] { return at.operation.result == 100; }, std::move(state)};
  return scene;
}

Scene connect_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) {}
    static Address name() {
      static int count = 0;
      return Address::from_unix_abstract("weir-cancel-" + std::to_string(::getpid()) + "-" +
                                         std::to_string(count++))
          .value();
    }
    ReactorDriver& driver;
    PeerListener listener{name(), /*backlog=*/0};
    PeerSocket crowd = begin_connect(listener.address());
    PeerSocket accepted;
    ReactorSocket socket{
        driver.reactor(),
        ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | driver.reactor().socket_flags(), 0)};
    TestConnect operation{driver, socket.descriptor(), listener.address()};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  return make_scene(
      "connect", -ECANCELED, std::move(state), [&at] { at.accepted = at.listener.accept(); },
      [&at] { return at.operation.result == 0; });
}

Scene poll_scene(ReactorDriver& driver) {
  struct State {
    explicit State(ReactorDriver& of) : driver(of) { operation.events = POLLIN; }
    ReactorDriver& driver;
    StreamPair pair{driver.reactor(), PairKind::unix_socket};
    TestPoll operation{driver, pair.ours.descriptor()};
  };
  auto state = std::make_shared<State>(driver);
  State& at = *state;
  return make_scene(
      "poll", -ECANCELED, std::move(state), [&at] { at.pair.theirs.send("data"); },
      [&at] { return at.operation.result == POLLIN; });
}

class CancelTest : public ReactorTest {
 protected:
  /// Runs `body` on every operation in turn.
  void for_each_scene(const std::function<void(Scene&)>& body) {
    for (auto* const make : {receive_into_scene, receive_source_scene, accept_source_scene,
                             send_scene, connect_scene, poll_scene}) {
      Scene scene = make(driver());
      SCOPED_TRACE(scene.name);
      body(scene);
      if (HasFatalFailure()) return;
    }
  }

  [[nodiscard]] bool finish(Scene& scene) {
    return driver().run_until(
        [&] { return !scene.operation->in_flight() && !scene.operation->queued(); });
  }

  /// The operation has what the peer gave, or gets it when started again.
  void expect_lossless(Scene& scene) {
    if (scene.succeeded()) return;
    ASSERT_EQ(scene.operation->result, scene.result_of_cancel);
    scene.start();
    EXPECT_TRUE(driver().run_until([&] { return scene.succeeded(); }));
  }
};
INSTANTIATE_TEST_SUITE_P(Backends, CancelTest, each_backend(), backend_name);

TEST_P(CancelTest, IdleOperationIsNotTouched) {
  for_each_scene([&](Scene& scene) {
    reactor().cancel(*scene.operation);
    driver().turns(2);

    EXPECT_EQ(*scene.runs, 0);
    scene.make_complete();
    scene.start();
    EXPECT_TRUE(driver().run_until([&] { return scene.succeeded(); }));
  });
}

TEST_P(CancelTest, RightAfterTheStart) {
  for_each_scene([&](Scene& scene) {
    scene.start();

    reactor().cancel(*scene.operation);
    EXPECT_EQ(*scene.runs, 0);
    ASSERT_TRUE(finish(scene));

    EXPECT_EQ(*scene.runs, 1);
    EXPECT_EQ(scene.operation->result, scene.result_of_cancel);
    scene.make_complete();
    expect_lossless(scene);
  });
}

TEST_P(CancelTest, WhileItWaits) {
  for_each_scene([&](Scene& scene) {
    scene.start();
    driver().turns(3);
    ASSERT_TRUE(scene.operation->in_flight());

    reactor().cancel(*scene.operation);
    EXPECT_EQ(*scene.runs, 0);
    ASSERT_TRUE(finish(scene));

    EXPECT_EQ(*scene.runs, 1);
    EXPECT_EQ(scene.operation->result, scene.result_of_cancel);
    scene.make_complete();
    driver().turns(3);
    expect_lossless(scene);
  });
}

TEST_P(CancelTest, TogetherWithItsCompletion) {
  for_each_scene([&](Scene& scene) {
    scene.start();
    driver().turns(3);

    scene.make_complete();
    reactor().cancel(*scene.operation);
    ASSERT_TRUE(finish(scene));

    EXPECT_EQ(*scene.runs, 1);
    expect_lossless(scene);
  });
}

TEST_P(CancelTest, AfterItsCompletionBeforeItRan) {
  for_each_scene([&](Scene& scene) {
    scene.start();
    driver().turns(3);
    scene.make_complete();
    while (!scene.operation->queued())
      reactor().poll(reactor::Clock::now() + std::chrono::milliseconds(5));
    const bool was_in_flight = scene.operation->in_flight();

    reactor().cancel(*scene.operation);
    ASSERT_TRUE(finish(scene));

    // A source runs on after a delivery, so that the cancel may add a run; nothing else may.
    EXPECT_LE(*scene.runs, was_in_flight ? 2 : 1);
    EXPECT_TRUE(scene.succeeded());
  });
}

TEST_P(CancelTest, TwiceIsAsOnce) {
  for_each_scene([&](Scene& scene) {
    scene.start();
    driver().turns(3);

    reactor().cancel(*scene.operation);
    reactor().cancel(*scene.operation);
    ASSERT_TRUE(finish(scene));
    reactor().cancel(*scene.operation);
    driver().turns(3);

    EXPECT_EQ(*scene.runs, 1);
  });
}

TEST_P(CancelTest, CloseCannotBeCancelled) {
  StreamPair pair(reactor(), PairKind::unix_socket);
  TestClose close(driver(), pair.ours.descriptor());
  reactor().start(close);

  reactor().cancel(close);
  ASSERT_TRUE(close.finish());

  EXPECT_EQ(close.result, 0);
  EXPECT_EQ(pair.ours.fd(), -1);
}

}  // namespace
}  // namespace weir::test
