// Self-tests of sending.
#include <sys/socket.h>

#include <cerrno>
#include <string>

#include "reactor/uring/self_test_bench.h"
#include "reactor/uring/uapi.h"

namespace weir::reactor {

/// MSG_DONTWAIT and CQE_SKIP_SUCCESS: done when submitted, and silent unless it fell short.
Verdict test_instant_send() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  const auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  const int send_buffer_bytes = 4096;  // so that little is much
  ::setsockopt(pair->ours.get(), SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes,
               sizeof send_buffer_bytes);
  const auto send = [&](const std::string& text) {
    io_uring_sqe& entry = bench.entry();
    io_uring_prep_send(&entry, pair->ours.get(), text.data(), text.size(),
                       MSG_DONTWAIT | MSG_WAITALL | MSG_NOSIGNAL);
    entry.flags |= IOSQE_CQE_SKIP_SUCCESS;
    return bench.submit();
  };

  for (const auto& completion : send("hello")) {
    return completion.result < 0 ? refused(-completion.result) : misbehaves("is not silent");
  }
  if (receive_text(pair->theirs.get()) != "hello") return misbehaves("is not done when submitted");

  const std::string much(std::size_t{64} << 10, 'x');
  const auto short_by = send(much);
  if (short_by.size() != 1) return misbehaves("is silent although it fell short");
  const int taken = short_by[0].result;
  if (taken < 0 && taken != -EAGAIN) return refused(-taken);
  const std::size_t arrived = receive_text(pair->theirs.get()).size();
  if (arrived != static_cast<std::size_t>(taken < 0 ? 0 : taken)) {
    return misbehaves("miscounts what it took");
  }
  return {};
}

/// The bytes, the result, the notification, and in it whether the kernel copied.
Verdict test_zero_copy_send() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  auto pair = make_tcp_pair();
  if (!pair) return refused(pair.error().value());
  const std::string text(4096, 'x');
  io_uring_sqe& entry = bench.entry();
  io_uring_prep_send_zc(&entry, pair->ours.get(), text.data(), text.size(), MSG_NOSIGNAL,
                        uapi::send_zc_report_usage);

  auto completions = bench.run();
  if (completions.empty()) return misbehaves("a send does not complete");
  if (completions[0].result < 0) return refused(-completions[0].result);
  if (!completions[0].more()) return misbehaves("gives no notification");
  if (static_cast<std::size_t>(completions[0].result) != text.size()) {
    return misbehaves("takes less than there is room for");
  }
  if (receive_text(pair->theirs.get()) != text) return misbehaves("loses bytes");
  if (completions.size() == 1) completions = bench.run();
  const auto& notification = completions.empty() ? Ring::Completion({}) : completions.back();
  if ((notification.flags & IORING_CQE_F_NOTIF) == 0) {
    return misbehaves("does not notify when the peer has everything");
  }
  const auto usage = static_cast<std::uint32_t>(notification.result);
  if ((usage & ~uapi::notification_copied) != 0) return misbehaves("reports an unknown usage");
  return {};
}

}  // namespace weir::reactor
