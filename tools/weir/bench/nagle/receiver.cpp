#include "tools/weir/bench/nagle/receiver.h"

#include <netinet/tcp.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "tools/weir/bench/nagle/thread_cpu.h"

namespace weir::tools::bench {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10;

}  // namespace

std::uint64_t MessageCounter::take(std::span<const std::byte> bytes, std::int64_t now) {
  ++counts_.reads;
  std::uint64_t touched = 0;
  std::uint64_t ended = 0;
  while (!bytes.empty()) {
    ++touched;
    const bool is_begun_before = touched == 1 && offset_ != 0;
    const std::size_t taken = std::min(message_bytes_ - offset_, bytes.size());
    if (has_stamp_ && offset_ < stamp_bytes) {
      const std::size_t part = std::min(stamp_bytes - offset_, taken);
      std::memcpy(stamp_.data() + offset_, bytes.data(), part);
    }
    offset_ += taken;
    bytes = bytes.subspan(taken);
    if (offset_ < message_bytes_) {
      counts_.cut_messages += is_begun_before ? 0 : 1;  // once for each message
      break;
    }
    offset_ = 0;
    ++ended;
    if (has_stamp_) {
      std::int64_t due = 0;
      std::memcpy(&due, stamp_.data(), sizeof due);
      if (due == 0) continue;  // bulk, which is due whenever there is room
      counts_.ages.record(static_cast<std::uint64_t>(std::max<std::int64_t>(now - due, 0)));
    }
  }
  counts_.merged_reads += touched > 1 ? 1 : 0;
  counts_.messages += ended;
  return ended;
}

Result<ReceiverCounts> serve_cell(const TcpSocket& listener, const CellSpec& spec) {
  Result<TcpSocket> socket = listener.accept();
  if (!socket) return std::unexpected(socket.error());
  const bool is_quick = spec.acks == AckMode::quick;
  Result<void> set = socket->set(TCP_NODELAY, true);
  if (set && is_quick) set = socket->set(TCP_QUICKACK, true);
  if (!set) return std::unexpected(set.error());

  const std::size_t message_bytes = spec.message_bytes();
  MessageCounter counter(message_bytes, spec.is_one_way() && message_bytes >= stamp_bytes);
  std::vector<std::byte> buffer(read_bytes);
  std::vector<std::byte> answers;
  const std::uint64_t calls_before = socket->calls();
  const ThreadCpu cpu;
  for (;;) {
    const Result<std::size_t> bytes = socket->receive(buffer);
    if (!bytes) return std::unexpected(bytes.error());
    if (*bytes == 0) break;
    const std::uint64_t ended = counter.take(std::span(buffer).first(*bytes), steady_now());
    if (is_quick) {  // not permanent: tcp(7)
      const Result<void> again = socket->set(TCP_QUICKACK, true);
      if (!again) return std::unexpected(again.error());
    }
    if (ended == 0 || spec.is_one_way()) continue;
    answers.resize(std::max(answers.size(), ended * spec.answer_bytes));
    const Result<void> sent = socket->send(std::span(answers).first(ended * spec.answer_bytes));
    if (!sent) return std::unexpected(sent.error());
  }
  if (counter.is_inside()) return fail(Error::end_of_stream);
  counter.counts().cpu = cpu.used();
  counter.counts().system_calls = socket->calls() - calls_before;
  return std::move(counter.counts());
}

}  // namespace weir::tools::bench
