// Two ends of a byte stream that no kernel knows: what one queues, the other reads.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/error.h"
#include "weir/base/result.h"
#include "weir/core/event.h"
#include "weir/core/sleep.h"
#include "weir/core/task.h"
#include "weir/net/address.h"
#include "weir/net/stream.h"

namespace weir::test {

class MemoryStream {
 public:
  struct Pair;

  [[nodiscard]] static Pair pair(StreamLimits limits = {});

  Task<Result<Chain>> read() {
    while (in_->bytes.empty() && !in_->ended) {
      in_->changed.reset();
      const Result<void> changed = co_await in_->changed.wait();
      if (!changed) co_return std::unexpected(changed.error());
    }
    co_return std::exchange(in_->bytes, Chain());
  }
  Result<void> queue(Chain bytes) {
    if (queued_bytes() >= limits_.high_water_bytes) return fail(Error::out_queue_full);
    out_->bytes.append(std::move(bytes));
    out_->changed.set();
    return {};
  }
  Task<Result<void>> drained() {
    while (queued_bytes() > limits_.low_water_bytes) co_await yield();
    co_return Result<void>();
  }
  Task<Result<void>> flush() { co_return Result<void>(); }
  void shutdown_write() {
    out_->ended = true;
    out_->changed.set();
  }

  [[nodiscard]] std::size_t queued_bytes() const { return out_->bytes.size(); }
  [[nodiscard]] StreamLimits limits() const { return limits_; }
  [[nodiscard]] Result<Address> peer_address() const { return fail(Error::unsupported); }

 private:
  struct Pipe {
    Chain bytes;
    Event changed;
    bool ended = false;
  };

  MemoryStream(std::shared_ptr<Pipe> in, std::shared_ptr<Pipe> out, StreamLimits limits)
      : in_(std::move(in)), out_(std::move(out)), limits_(limits) {}

  std::shared_ptr<Pipe> in_;
  std::shared_ptr<Pipe> out_;
  StreamLimits limits_;
};

struct MemoryStream::Pair {
  MemoryStream ours;
  MemoryStream theirs;
};

inline MemoryStream::Pair MemoryStream::pair(StreamLimits limits) {
  auto to = std::make_shared<Pipe>();
  auto from = std::make_shared<Pipe>();
  return {MemoryStream(from, to, limits), MemoryStream(to, from, limits)};
}

}  // namespace weir::test
