#include "weir/core/poll_fd.h"

#include <cerrno>
#include <coroutine>

#include "reactor/reactor.h"
#include "weir/core/suspension.h"

namespace weir {
namespace {

/// Ends with the operation's completion, also when cancelled.
class PollWait final : private reactor::PollOperation, private CancelSubscriber {
 public:
  PollWait(reactor::Descriptor& descriptor, short wanted) noexcept : PollOperation(descriptor) {
    events = wanted;
  }
  void bind(CancelDomain* domain) noexcept { domain_ = domain; }
  bool await_ready() noexcept {
    reason_ = domain_ == nullptr ? std::error_code() : domain_->reason();
    if (reason_) result = -ECANCELED;
    return static_cast<bool>(reason_);
  }
  void await_suspend(std::coroutine_handle<> coroutine) noexcept {
    coroutine_ = coroutine;
    subscribe(domain_);
    Shard::current().reactor().start(*this);
  }
  Result<short> await_resume() const noexcept {
    if (result >= 0) return static_cast<short>(result);
    if (result == -ECANCELED && reason_) return std::unexpected(reason_);
    return fail_errno(-result);
  }

 private:
  void run() noexcept override {
    unsubscribe();
    coroutine_.resume();
  }
  void on_cancel(std::error_code reason) noexcept override {
    reason_ = reason;
    Shard::current().reactor().cancel(*this);
  }

  CancelDomain* domain_ = nullptr;
  std::coroutine_handle<> coroutine_;
  std::error_code reason_;
};

}  // namespace

Task<Result<short>> poll_fd(int fd, short events) {
  reactor::Descriptor descriptor(fd);
  Result<short> seen = co_await PollWait(descriptor, events);
  Shard::current().reactor().forget(descriptor);
  co_return seen;
}

}  // namespace weir
