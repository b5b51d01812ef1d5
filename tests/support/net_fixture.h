// Tests of streams and listeners: a fresh runtime a test, on each backend, over loopback.
//
//     class StreamReadTest : public test::NetTest {};
//     WEIR_ON_EACH_BACKEND(StreamReadTest);
//
//     TEST_P(StreamReadTest, ...) {
//       run_net(options(), []() -> Task<void> { ... });
//
// Around each run the number of open descriptors is compared. That every slab has come home is
// asserted by the pool when its shard ends. A run that hangs ends the process with the test's name.
#pragma once

#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "tests/support/backend_test.h"
#include "tests/support/stream_sockets.h"
#include "weir/core/deadline.h"
#include "weir/core/scope.h"
#include "weir/core/shard.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"
#include "weir/net/connect.h"
#include "weir/net/listener.h"
#include "weir/net/tcp_stream.h"

namespace weir::test {

/// Ends the process if it lives too long: a hang of the runtime can't be ended from inside.
class Watchdog {
 public:
  explicit Watchdog(std::chrono::seconds limit = std::chrono::seconds(100))
      : name_(::testing::UnitTest::GetInstance()->current_test_info()->name()),
        thread_([this, limit] { watch(limit); }) {}
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

 private:
  void watch(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return over_; })) return;
    std::fprintf(stderr, "hangs: %s\n", name_.c_str());
    std::abort();
  }

  std::string name_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool over_ = false;
  std::thread thread_;
};

class NetTest : public BackendTest {
 protected:
  /// Runs `main`, which returns Task<void>; everything has to be given back afterwards.
  template <typename F>
  void run_net(const RuntimeOptions& chosen, F main) {
    const std::size_t before = open_descriptor_count();
    {
      const Watchdog watchdog;
      const Result<void> ended = weir::run(chosen, std::move(main));
      EXPECT_TRUE(ended.has_value()) << ended.error().message();
    }
    EXPECT_EQ(open_descriptor_count(), before);
  }
  template <typename F>
  void run_net(F main) {
    run_net(options(), std::move(main));
  }
};

inline TcpListener bind_tcp() { return TcpListener::bind(Address::loopback(0)).value(); }

/// To an abstract name: `prefix` and the number of this process.
inline UnixListener bind_unix(const std::string& prefix) {
  const std::string name = prefix + std::to_string(::getpid());
  return UnixListener::bind(Address::from_unix_abstract(name).value()).value();
}

/// A stream, and the other end of its connection, which the test uses by hand.
struct StreamWithPeer {
  TcpStream stream;
  PeerSocket peer;
};

inline Task<StreamWithPeer> stream_with_peer(StreamLimits limits = {}) {
  PeerListener listener;
  TcpStream stream = (co_await connect(listener.address(), {.limits = limits})).value();
  co_return StreamWithPeer{std::move(stream), listener.accept()};
}

/// Two connected streams of this shard.
struct TcpPair {
  TcpStream ours;
  TcpStream theirs;
};

inline Task<TcpPair> tcp_pair(StreamLimits ours_limits = {}, StreamLimits theirs_limits = {}) {
  TcpListener listener =
      TcpListener::bind(Address::loopback(0), {.shards = ListenOn::this_shard}).value();
  TcpStream ours = (co_await connect(listener.address(), {.limits = ours_limits})).value();
  TcpStream theirs = (co_await listener.accept(theirs_limits)).value();
  co_return TcpPair{std::move(ours), std::move(theirs)};
}

/// Lets the shard take its turns until `condition()`. Without a limit of its own: see Watchdog.
template <typename F>
Task<void> until(F condition) {
  while (!condition()) co_await yield();
}

/// The same number of turns each time: for what must not happen.
inline Task<void> some_turns(int count = 200) {
  Shard& shard = Shard::current();
  const std::uint64_t end = shard.stats().turns + static_cast<std::uint64_t>(count);
  co_await until([&shard, end] { return shard.stats().turns >= end; });
}

/// More than the kernel takes from a writer whose peer does not read.
inline constexpr std::size_t too_much_to_send = std::size_t{64} << 20;

inline Task<void> wait_noting(detail::WriterWait wait, std::optional<Result<void>>* result) {
  result->emplace(co_await std::move(wait));
}

/// Sends back what comes, until the end.
template <typename S>
Task<Result<void>> echo(S stream) {
  for (;;) {
    Result<Chain> bytes = co_await stream.read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return Result<void>();
    const WriteResult written = co_await stream.write(std::move(*bytes));
    if (!written) co_return std::unexpected(written.error());
  }
}

/// Serves until the drain, a cancellation or an error.
template <typename Listener, typename Handler>
Task<void> serve_into(Listener* listener, Handler handler, ServeOptions options,
                      std::optional<Result<ServeStats>>* stats) {
  Result<ServeStats> ended = co_await listener->serve(std::move(handler), options);
  stats->emplace(std::move(ended));
}

}  // namespace weir::test
