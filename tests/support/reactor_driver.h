// The smallest shard there is: a pool, a ready queue, a reactor, and turns taken by the test.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include "reactor/reactor.h"
#include "tests/support/home_pool.h"
#include "weir/base/buffer_pool.h"
#include "weir/core/runnable.h"

namespace weir::test {

/// What the driver's pool is like. Slabs of the size that shards use.
struct DriverOptions {
  std::size_t slabs = 64;
  std::uint32_t slab_bytes = std::uint32_t{64} << 10;
};

class ReactorDriver {
 public:
  using MakeReactor =
      Result<std::unique_ptr<reactor::Reactor>> (*)(const reactor::ReactorOptions& options);

  /// `error()` is set if the reactor could not be made.
  explicit ReactorDriver(MakeReactor make, DriverOptions options = {})
      : pool_(options.slabs, options.slab_bytes) {
    auto made = make({.ready = &ready_, .pool = &*pool_});
    if (made) {
      reactor_ = std::move(*made);
    } else {
      error_ = made.error();
    }
    pool_->set_foreign_wake(
        [](void* driver) { static_cast<ReactorDriver*>(driver)->reactor_->wake(); }, this);
  }
  ReactorDriver(const ReactorDriver&) = delete;
  ReactorDriver& operator=(const ReactorDriver&) = delete;

  [[nodiscard]] std::error_code error() const { return error_; }
  [[nodiscard]] reactor::Reactor& reactor() { return *reactor_; }
  [[nodiscard]] BufferPool& pool() { return *pool_; }
  [[nodiscard]] ReadyQueue& ready() { return ready_; }
  [[nodiscard]] const reactor::ReactorStats& stats() const { return reactor_->stats(); }

  /// Runs what is ready, and what becomes ready by that.
  void run_ready() {
    while (!ready_.empty()) ready_.pop().run();
  }

  /// One turn as a shard's: run, poll, run. By default without waiting.
  void turn(reactor::Clock::time_point deadline = reactor::Clock::time_point::min()) {
    run_ready();
    pool_->collect_foreign();
    reactor_->poll(deadline);
    run_ready();
  }
  void turns(int count) {
    for (; count > 0; --count) turn();
  }

  /// Turns until `done()`, which may do the peers' part. False: not within a generous limit.
  template <typename Done>
  [[nodiscard]] bool run_until(Done&& done) {
    using reactor::Clock;
    const auto limit = Clock::now() + std::chrono::seconds(20);
    run_ready();
    while (!done()) {
      if (Clock::now() > limit) return false;
      // Short waits: `done` may make headway that no descriptor of the reactor tells of.
      turn(Clock::now() + std::chrono::milliseconds(5));
    }
    return true;
  }

 private:
  HomePool pool_;
  ReadyQueue ready_;
  std::unique_ptr<reactor::Reactor> reactor_;
  std::error_code error_;
};

/// An operation that counts its runs. Ends what is in flight when a test gives up half-way.
template <typename Base>
class Observed final : public Base {
 public:
  template <typename... Arguments>
  explicit Observed(ReactorDriver& driver, Arguments&&... arguments)
      : Base(std::forward<Arguments>(arguments)...), driver_(driver) {}
  ~Observed() {
    on_run = nullptr;
    driver_.reactor().cancel(*this);
    (void)driver_.run_until([this] { return !this->in_flight() && !this->queued(); });
  }

  void run() noexcept override {
    ++runs;
    if (on_run) on_run();
  }

  /// Turns until it is idle and its completion has run.
  [[nodiscard]] bool finish() {
    return driver_.run_until([this] { return !this->in_flight() && !this->queued(); });
  }

  int runs = 0;
  std::function<void()> on_run;

 private:
  ReactorDriver& driver_;
};

using TestConnect = Observed<reactor::ConnectOperation>;
using TestReceiveInto = Observed<reactor::ReceiveIntoOperation>;
using TestPoll = Observed<reactor::PollOperation>;
using TestClose = Observed<reactor::CloseOperation>;
using TestAcceptSource = Observed<reactor::AcceptSource>;
using TestReceiveSource = Observed<reactor::ReceiveSource>;
using TestSend = Observed<reactor::SendOperation>;

}  // namespace weir::test
