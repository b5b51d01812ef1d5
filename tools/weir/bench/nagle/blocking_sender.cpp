// The sender that makes plain blocking calls.

#include "tools/weir/bench/nagle/blocking_sender.h"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "tools/weir/bench/nagle/exchange_clock.h"
#include "tools/weir/bench/nagle/pacer.h"
#include "tools/weir/bench/nagle/tcp_socket.h"
#include "tools/weir/bench/nagle/thread_cpu.h"

namespace weir::tools::bench {
namespace {

class BlockingSender {
 public:
  BlockingSender(const CellSpec& spec, TcpSocket& socket)
      : spec_(spec), socket_(socket), message_(spec.message_bytes()) {}

  Result<void> run() {
    Result<void> set = socket_.set(TCP_NODELAY, spec_.mode == WriteMode::nodelay ||
                                                    spec_.mode == WriteMode::gather ||
                                                    spec_.mode == WriteMode::batch);
    if (set && spec_.notsent_lowat_bytes > 0) {
      set = socket_.set_notsent_lowat(spec_.notsent_lowat_bytes);
    }
    if (!set) return set;
    if (!spec_.is_one_way()) return exchange();
    if (spec_.mode == WriteMode::batch) return send_batches();
    return spec_.bulk_bytes > 0 ? send_amid_bulk() : send_one_way();
  }

  /// Once, also if the cell wanted it earlier.
  Result<void> end_stream() {
    if (std::exchange(is_ended_, true)) return {};
    return socket_.end_sending();
  }

  [[nodiscard]] SenderCounts& counts() noexcept { return counts_; }
  [[nodiscard]] const Pacer& pacer() const noexcept { return pacer_; }

 private:
  Result<void> send_one_way() {
    const std::int64_t start = steady_now();
    SendBudget budget(spec_, start);
    for (std::int64_t due = start; budget.take(due); ++counts_.messages) {
      if (spec_.interval.count() > 0) pacer_.wait_until(due);
      stamp(due);
      const Result<void> sent = send_message();
      if (!sent) return sent;
      due = next_due(due);
    }
    return {};
  }

  /// What an application does that gathers its small messages itself.
  Result<void> send_batches() {
    const std::int64_t start = steady_now();
    SendBudget budget(spec_, start);
    std::vector<std::byte> batch;
    std::int64_t batch_due = 0;  // of the batch that has begun
    for (std::int64_t due = start; budget.take(due); ++counts_.messages) {
      if (!batch.empty() && batch_due <= due) {
        pacer_.wait_until(batch_due);
        const Result<void> sent = send_all(batch);
        if (!sent) return sent;
      }
      if (spec_.interval.count() > 0) pacer_.wait_until(due);
      stamp(due);
      if (batch.empty()) batch_due = due + spec_.batch_delay.count();
      batch.insert(batch.end(), message_.begin(), message_.end());
      if (batch.size() >= spec_.batch_bytes) {
        const Result<void> sent = send_all(batch);
        if (!sent) return sent;
      }
      due = next_due(due);
    }
    return send_all(batch);
  }

  /// \param batch  empty afterwards
  Result<void> send_all(std::vector<std::byte>& batch) {
    Result<void> sent = batch.empty() ? Result<void>() : socket_.send(batch);
    batch.clear();
    return sent;
  }

  /// A message that is due waits only until the call that writes bulk returns.
  Result<void> send_amid_bulk() {
    const std::vector<std::byte> bulk(spec_.bulk_bytes);
    const std::int64_t start = steady_now();
    SendBudget budget(spec_, start);
    for (std::int64_t due = start; budget.take(due); due = next_due(due)) {
      while (steady_now() < due) {
        const Result<void> sent = socket_.send(bulk);
        if (!sent) return sent;
        counts_.messages += bulk.size() / message_.size();
      }
      stamp(due - start < spec_.settling.count() ? 0 : due);
      const Result<void> sent = send_message();
      if (!sent) return sent;
      ++counts_.messages;
    }
    return {};
  }

  void stamp(std::int64_t due) {
    if (message_.size() >= stamp_bytes) std::memcpy(message_.data(), &due, sizeof due);
  }
  /// Of the message after this one.
  [[nodiscard]] std::int64_t next_due(std::int64_t due) const {
    if (spec_.interval.count() == 0) return steady_now();
    return (counts_.messages + 1) % spec_.burst == 0 ? due + spec_.interval.count() : due;
  }

  Result<void> exchange() {
    SendBudget budget(spec_, steady_now());
    ExchangeClock clock(spec_, counts_);
    std::array<std::byte, std::size_t{64} << 10> answers{};
    for (bool may_begin = true; may_begin || clock.under_way() > 0;) {
      while (may_begin && clock.under_way() < spec_.depth) {
        const std::int64_t now = steady_now();
        may_begin = budget.take(now);
        if (!may_begin) break;
        clock.begin(now);
        Result<void> sent = send_message();
        ++counts_.messages;
        if (sent && is_last_before_end()) sent = end_stream();
        if (!sent) return sent;
      }
      if (clock.under_way() == 0) break;
      const Result<std::size_t> bytes = socket_.receive(answers);
      if (!bytes) return std::unexpected(bytes.error());
      if (*bytes == 0) return fail(Error::end_of_stream);
      if (!clock.take_answers(*bytes, steady_now())) return fail(Error::limit_exceeded);
    }
    return {};
  }

  [[nodiscard]] bool is_last_before_end() const noexcept {
    return spec_.end == StreamEnd::with_last_message && counts_.messages == spec_.messages_max;
  }

  Result<void> send_message() {
    const std::span<const std::byte> message(message_);
    switch (spec_.mode) {
      case WriteMode::gather:
        return socket_.send_gathered(message.first(spec_.parts.front()),
                                     message.subspan(spec_.parts.front()));
      case WriteMode::cork: {
        Result<void> done = socket_.set(TCP_CORK, true);
        if (done) done = send_parts(0);
        return done ? socket_.set(TCP_CORK, false) : done;
      }
      case WriteMode::msg_more:
        return send_parts(MSG_MORE);
      default:
        return send_parts(0);
    }
  }

  /// \param flags  of all parts but the last
  Result<void> send_parts(int flags) {
    std::span<const std::byte> rest(message_);
    for (const std::size_t bytes : spec_.parts) {
      const bool is_last = bytes == rest.size();
      const Result<void> sent = socket_.send(rest.first(bytes), is_last ? 0 : flags);
      if (!sent) return sent;
      rest = rest.subspan(bytes);
    }
    return {};
  }

  const CellSpec& spec_;
  TcpSocket& socket_;
  std::vector<std::byte> message_;
  SenderCounts counts_;
  Pacer pacer_;
  bool is_ended_ = false;
};

}  // namespace

Result<SenderCounts> send_blocking(const CellSpec& spec, const Address& server,
                                   std::string_view congestion_control) {
  Result<TcpSocket> socket = TcpSocket::connect(server);
  if (!socket) return std::unexpected(socket.error());
  const Result<void> set = set_congestion_control(socket->fd(), congestion_control);
  if (!set) return std::unexpected(set.error());
  BlockingSender sender(spec, *socket);
  const std::uint64_t calls_before = socket->calls();
  const ThreadCpu cpu;
  const std::int64_t start = steady_now();
  Result<void> sent = sender.run();
  const std::uint64_t calls_after = socket->calls();
  if (sent) sent = sender.end_stream();
  if (!sent) return std::unexpected(sent.error());
  std::array<std::byte, 1> end{};
  const Result<std::size_t> ended = socket->receive(end);  // all has been received
  if (!ended) return std::unexpected(ended.error());
  SenderCounts& counts = sender.counts();
  counts.elapsed = std::chrono::nanoseconds(steady_now() - start);
  counts.cpu = cpu.used() - sender.pacer().spun_cpu();
  counts.system_calls = calls_after - calls_before + sender.pacer().sleeps();
  const Result<void> counted = record_connection(socket->fd(), counts);
  if (!counted) return std::unexpected(counted.error());
  return std::move(counts);
}

}  // namespace weir::tools::bench
