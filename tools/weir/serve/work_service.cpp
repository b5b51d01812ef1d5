#include "tools/weir/serve/work_service.h"

#include <utility>

namespace weir::tools::serve {
namespace {

/// The queue, its worker, and how they wait for each other.
struct Workshop {
  WorkOptions options;
  WorkClock* clock;
  WorkQueue queue{};
  Event arrived{};       ///< the queue is not empty, or the work is over
  bool is_over = false;  ///< nobody is connected any more
};

/// A connection: its request that is not whole yet, and how many of its requests are in the queue.
/// Lets the pool copy the half request together, so that many slow writers do not pin a slab each.
class Connection final : public WorkClient, public PoolHolder {
 public:
  Connection(Workshop& shop, Stream& stream) noexcept : shop_(shop), stream_(stream) {
    BufferPool::current()->add_holder(*this);
  }
  ~Connection() override {
    if (waiting_ != 0) shop_.queue.forget(*this);
    BufferPool::current()->remove_holder(*this);
  }

  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override { visit(inbox); }

  /// Precondition: a permit of the queue's room, and a whole request in the inbox.
  void submit(TimePoint arrival) {
    const std::size_t bytes = shop_.options.message_bytes;
    ++waiting_;
    waiting_bytes_ += bytes;
    shop_.queue.push({.client = this, .bytes = inbox.split(bytes), .arrival = arrival});
    shop_.arrived.set();
  }

  void answer(Chain bytes) noexcept override {
    --waiting_;
    waiting_bytes_ -= bytes.size();
    const Result<void> queued = stream_.queue(std::move(bytes));
    if (!queued && !error_) error_ = queued.error();
    answered.set();
  }

  [[nodiscard]] bool has_whole_request() const noexcept {
    return inbox.size() >= shop_.options.message_bytes;
  }
  /// Its answers, given and to come, are as many as its peer may leave unread.
  [[nodiscard]] bool at_high_water() const noexcept {
    return stream_.queued_bytes() + waiting_bytes_ >= stream_.limits().high_water_bytes;
  }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::error_code error() const noexcept { return error_; }
  [[nodiscard]] Workshop& shop() noexcept { return shop_; }
  [[nodiscard]] Stream& stream() noexcept { return stream_; }

  Chain inbox;
  Event answered;  ///< reset by who waits for it

 private:
  Workshop& shop_;
  Stream& stream_;
  std::size_t waiting_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::error_code error_;
};

Task<Result<void>> wait_for_answer(Connection* connection) {
  connection->answered.reset();
  const Result<void> waited = co_await connection->answered.wait();
  if (!waited) co_return waited;
  if (connection->error()) co_return std::unexpected(connection->error());
  co_return Result<void>();
}

/// Until the connection may ask for more: its peer reads, and the queue has a place, which is then
/// its. \param arrival  of its next request: now, if it had to wait for the peer. While it waits
/// for the queue the worker is busy, and the request has arrived.
Task<Result<void>> wait_for_turn(Connection* connection, TimePoint* arrival) {
  while (connection->at_high_water()) {
    Result<void> waited;
    if (connection->waiting() != 0) {
      waited = co_await wait_for_answer(connection);
    } else {
      waited = co_await connection->stream().drained();
    }
    if (!waited) co_return waited;
    *arrival = Clock::now();
  }
  co_return co_await connection->shop().queue.room.acquire();
}

template <typename S>
Task<Result<void>> take_requests(S stream, Workshop* shop) {
  Connection connection(*shop, stream);
  for (;;) {
    Result<Chain> chunk = co_await stream.read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) break;
    TimePoint arrival = Clock::now();
    connection.inbox.append(std::move(*chunk));
    while (connection.has_whole_request()) {
      const Result<void> has_turn = co_await wait_for_turn(&connection, &arrival);
      if (!has_turn) co_return has_turn;
      connection.submit(arrival);
    }
  }
  while (connection.waiting() != 0) {
    const Result<void> answered = co_await wait_for_answer(&connection);
    if (!answered) co_return answered;
  }
  if (!connection.inbox.empty()) co_return fail(Error::end_of_stream);
  co_return Result<void>();
}

Task<void> work(Workshop* shop) {
  ServiceTimeDraws draws(shop->options.service_time, shop->options.seed);
  for (;;) {
    while (shop->queue.empty() && !shop->is_over) {
      shop->arrived.reset();
      const Result<void> waited = co_await shop->arrived.wait();
      if (!waited) co_return;
    }
    if (shop->is_over) co_return;
    const TimePoint due = shop->clock->begin(shop->queue.front().arrival, draws.next());
    const TimePoint spin_begin = due - spin_before_end;
    if (Clock::now() < spin_begin) {
      const Result<void> slept = co_await sleep_until(spin_begin);
      if (!slept) co_return;
    }
    TimePoint now = Clock::now();
    if (now >= due) {
      // Late: answers follow each other at once, and leave and are added to all the same.
      co_await yield();
      now = Clock::now();
    }
    // Every few yields are a turn of the loop, which looks for input.
    while (now < due) {
      co_await yield();
      now = Clock::now();
    }
    shop->clock->end(now);
    WorkRequest request = shop->queue.pop();
    if (request.client != nullptr) request.client->answer(std::move(request.bytes));
  }
}

}  // namespace

template <typename Listener>
Task<Result<ServeStats>> serve_work(Listener* listener, WorkOptions options, ServeOptions limits,
                                    WorkReport* report) {
  using S = typename Listener::Stream;
  Workshop shop{.options = options, .clock = &report->clock};
  Scope worker;
  worker.spawn(work(&shop));
  const auto serve_one = [&shop](S stream) { return take_requests(std::move(stream), &shop); };
  Task<Result<ServeStats>> serving = listener->serve(serve_one, limits);
  Result<ServeStats> served = co_await std::move(serving);
  // Whoever is gone left requests behind, which nobody waits for.
  shop.is_over = true;
  worker.cancel();
  const Result<void> ended = co_await worker.join();
  report->queue_longest = shop.queue.longest();
  if (served && !ended) co_return std::unexpected(ended.error());
  co_return served;
}

template Task<Result<ServeStats>> serve_work(TcpListener* listener, WorkOptions options,
                                             ServeOptions limits, WorkReport* report);
template Task<Result<ServeStats>> serve_work(UnixListener* listener, WorkOptions options,
                                             ServeOptions limits, WorkReport* report);

}  // namespace weir::tools::serve
