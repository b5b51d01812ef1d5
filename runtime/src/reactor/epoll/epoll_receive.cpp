// Receive sources: from readable sockets into slabs of the shard's pool, many small messages to a
// slab.
#include <algorithm>
#include <cerrno>

#include "reactor/epoll/epoll_reactor.h"
#include "reactor/epoll/epoll_read.h"
#include "weir/base/assert.h"

namespace weir::reactor {
namespace {

// `backend_bits` of a receive source: the size of its next read. A read that fills all it asked for
// doubles it, a turn that brought less than a quarter halves it. So messages of any size are soon
// not cut any more where a slab ends, and small ones are read into one piece of memory, which costs
// the kernel less than two.
constexpr std::size_t read_bytes_min = std::size_t{8} << 10;
constexpr std::uint8_t read_class_max = 5;  // 256 KiB
constexpr std::uint8_t read_class_bits = 0x07;

std::uint8_t read_class(const Operation& source) noexcept {
  return static_cast<std::uint8_t>(source.backend_bits & read_class_bits);
}

std::size_t read_bytes(const Operation& source) noexcept {
  return read_bytes_min << read_class(source);
}

void ask_for_more(Operation& source) noexcept {
  if (read_class(source) < read_class_max) ++source.backend_bits;
}

void ask_for_less(Operation& source) noexcept {
  if (read_class(source) > 0) --source.backend_bits;
}

}  // namespace

void EpollReactor::start(ReceiveSource& source) noexcept {
  WEIR_ASSERT(!source.finished());
  source.end = ReceiveSource::End::none;
  if (const int error = begin_reading(source)) {
    return finish_receive(source, ReceiveSource::End::failed, -error);
  }
  if (source.inbox.size() >= source.inbox_bytes_max) {
    return finish_receive(source, ReceiveSource::End::full, 0);
  }
  if (source.descriptor().readable) pending_.push_back(source.descriptor());
}

inline EpollReactor::Received EpollReactor::receive_once(Descriptor& descriptor,
                                                         ReceiveSource& source,
                                                         std::size_t bytes_max) noexcept {
  auto pieces = window_.open(read_bytes(source), bytes_max);
  if (pieces.empty() && compact_once()) pieces = window_.open(read_bytes(source), bytes_max);
  if (pieces.empty()) return Received::starved;

  const auto [bytes, filled, drained] = read(descriptor, pieces);
  const std::size_t got = bytes > 0 ? static_cast<std::size_t>(bytes) : 0;
  if (filled) ask_for_more(source);
  window_.close(got, source.inbox);
  if (bytes > 0 || drained) return drained ? Received::drained : Received::more;
  if (bytes == 0) {
    finish_receive(source, ReceiveSource::End::end_of_stream, 0);
  } else {
    finish_receive(source, ReceiveSource::End::failed, static_cast<int>(bytes));
  }
  return Received::ended;
}

void EpollReactor::serve_receive(Descriptor& descriptor, ReceiveSource& source) noexcept {
  const std::size_t bytes_before = source.inbox.size();
  if (bytes_before >= source.inbox_bytes_max) {
    return finish_receive(source, ReceiveSource::End::full, 0);
  }
  const std::size_t bytes_goal =
      bytes_before + std::min(receive_budget_bytes, source.inbox_bytes_max - bytes_before);
  Received received;
  do {
    received = receive_once(descriptor, source, bytes_goal - source.inbox.size());
  } while (received == Received::more && source.inbox.size() < bytes_goal);

  const std::size_t bytes_got = source.inbox.size() - bytes_before;
  const bool anything = bytes_got != 0;
  if (anything) ++stats_.receives;
  switch (received) {
    case Received::more:
      if (source.inbox.size() >= source.inbox_bytes_max) {
        return finish_receive(source, ReceiveSource::End::full, 0);
      }
      pending_.push_back(descriptor);
      break;
    case Received::drained:
      if (anything && bytes_got < read_bytes(source) / 4) ask_for_less(source);
      descriptor.readable = false;
      break;
    case Received::starved:
      starve(source);
      break;
    case Received::ended:
      return;
  }
  if (anything) notify(source);
}

void EpollReactor::finish_receive(ReceiveSource& source, ReceiveSource::End end,
                                  int result) noexcept {
  source.end = end;
  if (is_starved(source)) unstarve(source);
  finish_reader(source, result);
}

}  // namespace weir::reactor
