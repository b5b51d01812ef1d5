// What the pieces that every byte passes through cost: a few nanoseconds each, or the rest cannot
// be fast.
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "weir/base/allocate.h"
#include "weir/base/buffer_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"
#include "weir/base/slab_cursor.h"

namespace weir {
namespace {

// A pool at home on the benchmark's thread.
class HomePool {
 public:
  explicit HomePool(std::size_t slabs = 1024)
      : pool_(BufferPool::Options{.budget_bytes = slabs << 16, .slab_bytes = 1 << 16}) {
    pool_.make_current();
  }
  HomePool(const HomePool&) = delete;
  HomePool& operator=(const HomePool&) = delete;
  ~HomePool() { pool_.clear_current(); }

  BufferPool& operator*() { return pool_; }
  BufferPool* operator->() { return &pool_; }

 private:
  BufferPool pool_;
};

void fail_unless(benchmark::State& state, bool condition, const char* message) {
  if (!condition) state.SkipWithError(message);
}

// Question: what does moving a buffer cost? Expected: a few moves, no branch taken.
void BufferMove(benchmark::State& state) {
  HomePool pool;
  Buffer buffer = pool->allocate(64).value();
  for (auto _ : state) {
    Buffer moved = std::move(buffer);
    benchmark::DoNotOptimize(moved);
    buffer = std::move(moved);
    benchmark::DoNotOptimize(buffer);
  }
  fail_unless(state, buffer.size() == 64, "the buffer got lost");
}
BENCHMARK(BufferMove);

// Question: what does a reference cost at home? Expected: about a nanosecond: a thread-local load,
// a compare, an increment, and the same back.
void BufferShareRelease(benchmark::State& state) {
  HomePool pool;
  const Buffer buffer = pool->allocate(64).value();
  for (auto _ : state) {
    const Buffer shared = buffer.share();
    benchmark::DoNotOptimize(shared.data());
  }
  fail_unless(state, buffer.slab()->refs == 2, "a reference got lost");
}
BENCHMARK(BufferShareRelease);

// Question: what does a reference cost away from home? Expected: some ten nanoseconds for the
// atomic changes; the slab stays queued, so that nothing is pushed.
void BufferShareReleaseElsewhere(benchmark::State& state) {
  HomePool pool;
  const Buffer buffer = pool->allocate(64).value();
  pool->clear_current();
  for (auto _ : state) {
    const Buffer shared = buffer.share();
    benchmark::DoNotOptimize(shared.data());
  }
  pool->make_current();
  pool->collect_foreign();
  fail_unless(state, buffer.slab()->refs == 2, "a reference got lost");
}
BENCHMARK(BufferShareReleaseElsewhere);

// Question: what does the whole way home cost, from the release elsewhere to the free list?
void SlabComesHome(benchmark::State& state) {
  HomePool pool;
  for (auto _ : state) {
    Slab* const slab = pool->try_acquire();
    pool->clear_current();
    slab->release();
    pool->make_current();
    benchmark::DoNotOptimize(pool->collect_foreign());
  }
  fail_unless(state, pool->stats().slabs_free == 1, "a slab got lost");
}
BENCHMARK(SlabComesHome);

// Question: what does a slab cost? Expected: under ten nanoseconds, once for many messages.
void PoolAcquireRelease(benchmark::State& state) {
  HomePool pool;
  for (auto _ : state) {
    Slab* const slab = pool->try_acquire();
    benchmark::DoNotOptimize(slab);
    slab->release();
  }
  fail_unless(state, pool->stats().slabs_total == 1, "more than one slab was used");
}
BENCHMARK(PoolAcquireRelease);

// Question: what does a piece of memory to be filled cost? Beyond a slab the allocator is asked.
void PoolAllocate(benchmark::State& state) {
  HomePool pool;
  const auto bytes = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) {
    Result<Buffer> buffer = pool->allocate(bytes);
    benchmark::DoNotOptimize(buffer);
  }
  fail_unless(state, pool->stats().exhausted_count == 0, "the pool was exhausted");
}
BENCHMARK(PoolAllocate)->ArgName("bytes")->Arg(64)->Arg(16 << 10)->Arg(64 << 10)->Arg(256 << 10);

// Question: what does a receive add to the system call? One tail, one slice, one append that
// merges, and its release.
void CursorTake(benchmark::State& state) {
  HomePool pool;
  SlabCursor cursor(*pool);
  for (auto _ : state) {
    Chain inbox;
    benchmark::DoNotOptimize(cursor.tail(2048).data());
    inbox.append(cursor.take(64));
    benchmark::DoNotOptimize(inbox);
  }
  fail_unless(state, pool->stats().slabs_total == 1, "the cursor did not start again");
}
BENCHMARK(CursorTake);

// Question: does a chain of that many buffers cost more for each? Above two it needs its block.
void ChainAppendSplit(benchmark::State& state) {
  HomePool pool;
  const auto buffers = static_cast<std::size_t>(state.range(0));
  const Buffer whole = pool->allocate(std::size_t{1} << 16).value();
  for (auto _ : state) {
    Chain chain;
    // Not neighbours, so that nothing merges.
    for (std::size_t i = 0; i < buffers; ++i) chain.append(whole.slice(i * 200, 100));
    const Chain front = chain.split(50 * buffers);
    benchmark::DoNotOptimize(front);
    benchmark::DoNotOptimize(chain);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(ChainAppendSplit)->ArgName("buffers")->Arg(1)->Arg(2)->Arg(3)->Arg(16)->Arg(256);

// Question: what does a queue cost for each buffer that passes through? Expected: the same at each
// depth, and no allocation up to a depth of 16.
void ChainQueue(benchmark::State& state) {
  HomePool pool;
  const auto depth = static_cast<std::size_t>(state.range(0));
  const Buffer whole = pool->allocate(std::size_t{1} << 16).value();
  Chain queue;
  std::size_t at = 0;
  const auto append = [&] { queue.append(whole.slice(200 * (++at % 300), 100)); };
  while (queue.buffer_count() < depth) append();
  const std::uint64_t allocations_before = allocation_count();
  for (auto _ : state) {
    append();
    const Buffer front = queue.pop_front();
    benchmark::DoNotOptimize(front.data());
  }
  fail_unless(state, allocation_count() - allocations_before <= 1, "the queue allocates");
}
BENCHMARK(ChainQueue)->ArgName("depth")->Arg(1)->Arg(7)->Arg(100);

// Question: what does a search cost in a chain cut into pieces? Expected: memmem, plus little a
// seam.
void ChainFind(benchmark::State& state) {
  HomePool pool;
  const std::string text(8192, 'x');
  const auto piece_bytes = static_cast<std::size_t>(state.range(0));
  Chain chain;
  for (std::size_t at = 0; at < text.size(); at += piece_bytes) {
    chain.append(Buffer::copy_of(as_bytes(text).subspan(at, piece_bytes)));
  }
  chain.append(Buffer::copy_of(as_bytes("\r\n\r\n")));
  for (auto _ : state) {
    const auto found = chain.find("\r\n\r\n");
    if (found != text.size()) state.SkipWithError("the needle is not where it should be");
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(text.size()));
}
BENCHMARK(ChainFind)->ArgName("piece_bytes")->Arg(16)->Arg(256)->Arg(8192);

struct Inbox final : PoolHolder {
  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(chain); }
  Chain chain;
};

// Spends the whole budget on 32 bytes for each peer in turn, eight peers to a slab.
void trickle(BufferPool& pool, std::vector<Inbox>& inboxes) {
  SlabCursor cursor(pool);
  for (std::size_t i = 0; !cursor.tail(1 << 13).empty(); ++i) {
    inboxes[i % inboxes.size()].chain.append(cursor.take(32));
    static_cast<void>(cursor.take((1 << 13) - 32));
  }
}

// Question: how long does a compaction stop the shard? Expected: by the buffers held (8184 here),
// whoever holds them.
void PoolCompact(benchmark::State& state) {
  HomePool pool(1024);
  std::size_t won_min = SIZE_MAX;
  for (auto _ : state) {
    state.PauseTiming();
    std::vector<Inbox> inboxes(static_cast<std::size_t>(state.range(0)));
    for (Inbox& inbox : inboxes) pool->add_holder(inbox);
    trickle(*pool, inboxes);
    state.ResumeTiming();

    won_min = std::min(won_min, pool->compact());

    state.PauseTiming();
    inboxes.clear();
    state.ResumeTiming();
  }
  fail_unless(state, won_min >= 1023 / 4, "too little was won");
}
BENCHMARK(PoolCompact)->ArgName("peers")->Arg(10)->Arg(5000)->Unit(benchmark::kMicrosecond);

// Question: what does giving a touched slab back and touching it again cost? That is the price of
// trimming too early.
void TrimAndTouch(benchmark::State& state) {
  HomePool pool;
  for (auto _ : state) {
    Slab* const slab = pool->try_acquire();
    for (std::size_t at = 0; at < slab->capacity; at += 4096) slab->data[at] = std::byte{1};
    slab->release();
    pool->trim(0);
  }
}
BENCHMARK(TrimAndTouch);

}  // namespace
}  // namespace weir
