#include "tools/weir/bench/nagle/runtime_sender.h"

#include <cstring>
#include <vector>

#include "tools/weir/bench/nagle/exchange_clock.h"
#include "tools/weir/bench/nagle/tcp_socket.h"
#include "tools/weir/bench/nagle/thread_cpu.h"
#include "weir/weir.hpp"

namespace weir::tools::bench {
namespace {

TimePoint time_point(std::int64_t steady_ns) noexcept {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::nanoseconds(steady_ns)));
}

/// What one message is made of, and where its parts end.
class RuntimeSender {
 public:
  RuntimeSender(const CellSpec& spec, TcpStream stream)
      : spec_(spec), stream_(std::move(stream)), message_(spec.message_bytes()) {}

  Task<Result<void>> send_one_way() {
    const std::int64_t start = steady_now();
    SendBudget budget(spec_, start);
    std::int64_t due = start;
    while (budget.take(due)) {
      if (spec_.interval.count() > 0) {
        const Result<void> slept = co_await sleep_until(time_point(due));
        if (!slept) co_return slept;
      }
      if (message_.size() >= stamp_bytes) std::memcpy(message_.data(), &due, sizeof due);
      while (!has_room()) {
        const Result<void> drained = co_await stream_.drained();
        if (!drained) co_return drained;
      }
      const Result<void> queued = queue_message();
      if (!queued) co_return queued;
      if (spec_.interval.count() == 0) {
        due = steady_now();
      } else if (counts_.messages % spec_.burst == 0) {
        due += spec_.interval.count();
      }
    }
    co_return Result<void>();
  }

  Task<Result<void>> exchange() {
    SendBudget budget(spec_, steady_now());
    ExchangeClock clock(spec_, counts_);
    for (bool may_begin = true; may_begin || clock.under_way() > 0;) {
      while (may_begin && clock.under_way() < spec_.depth) {
        const std::int64_t now = steady_now();
        may_begin = budget.take(now);
        if (!may_begin) break;
        clock.begin(now);
        const Result<void> queued = queue_message();
        if (!queued) co_return queued;
      }
      if (clock.under_way() == 0) break;
      const Result<Chain> bytes = co_await stream_.read();
      if (!bytes) co_return std::unexpected(bytes.error());
      if (bytes->empty()) co_return fail(Error::end_of_stream);
      if (!clock.take_answers(bytes->size(), steady_now())) co_return fail(Error::limit_exceeded);
    }
    co_return Result<void>();
  }

  /// Ends the stream and waits until the receiver has read it all.
  Task<Result<void>> finish() {
    const Result<void> ended = co_await stream_.shutdown_write();
    if (!ended) co_return ended;
    const Result<Chain> rest = co_await stream_.read();
    if (!rest) co_return std::unexpected(rest.error());
    co_return Result<void>();
  }

  [[nodiscard]] SenderCounts& counts() noexcept { return counts_; }
  [[nodiscard]] TcpStream& stream() noexcept { return stream_; }

 private:
  [[nodiscard]] bool has_room() const noexcept {
    return stream_.queued_bytes() == 0 ||
           stream_.queued_bytes() + message_.size() <= stream_.limits().high_water_bytes;
  }

  Result<void> queue_message() {
    std::span<const std::byte> rest(message_);
    for (const std::size_t bytes : spec_.parts) {
      const Result<void> queued = stream_.queue(rest.first(bytes));
      if (!queued) return queued;
      rest = rest.subspan(bytes);
    }
    ++counts_.messages;
    return {};
  }

  const CellSpec& spec_;
  TcpStream stream_;
  std::vector<std::byte> message_;
  SenderCounts counts_;
};

Task<Result<SenderCounts>> send_with(const CellSpec* spec, Address server, std::string_view cc) {
  Result<TcpStream> stream = co_await connect(server, {.timeout = wait_max});
  if (!stream) co_return std::unexpected(stream.error());
  const Result<void> set = set_congestion_control(stream->native_handle(), cc);
  if (!set) co_return std::unexpected(set.error());
  RuntimeSender sender(*spec, *std::move(stream));
  const std::uint64_t calls_before = Shard::current().stats().system_calls;
  const ThreadCpu cpu;
  const std::int64_t start = steady_now();
  Result<void> sent =
      spec->is_one_way() ? co_await sender.send_one_way() : co_await sender.exchange();
  if (sent) sent = co_await sender.finish();
  if (!sent) co_return std::unexpected(sent.error());
  SenderCounts& counts = sender.counts();
  counts.elapsed = std::chrono::nanoseconds(steady_now() - start);
  counts.cpu = cpu.used();
  counts.system_calls = Shard::current().stats().system_calls - calls_before;
  const Result<void> counted = record_connection(sender.stream().native_handle(), counts);
  if (!counted) co_return std::unexpected(counted.error());
  co_return std::move(counts);
}

/// The receiver may be silent for `wait_max`, like that of a blocking sender.
Task<Result<SenderCounts>> send_bounded(const CellSpec* spec, Address server, std::string_view cc) {
  co_return co_await with_timeout(spec->duration + 2 * Duration(wait_max),
                                  send_with(spec, server, cc));
}

}  // namespace

Result<SenderCounts> send_on_runtime(const CellSpec& spec, const Address& server,
                                     std::string_view congestion_control) {
  const RuntimeOptions options{
      .shards = 1,
      .backend = spec.mode == WriteMode::flush_epoll ? Backend::epoll : Backend::io_uring,
      .adaptive = false,  // cells are compared by their processor time
      .signals = SignalPolicy::leave};
  return run(options, [&] { return send_bounded(&spec, server, congestion_control); });
}

}  // namespace weir::tools::bench
