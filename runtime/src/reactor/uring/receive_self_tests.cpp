// Self-tests of accepting and receiving: every byte must arrive, in order, and be accounted for.
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/uring/self_test_bench.h"

namespace weir::reactor {
namespace {

constexpr std::uint64_t receive_id = 1;

void arm_receive(SelfTestBench& bench, int fd) {
  io_uring_sqe& entry = bench.entry();
  io_uring_prep_recv_multishot(&entry, fd, nullptr, 0, 0);
  entry.flags |= IOSQE_BUFFER_SELECT;
  entry.user_data = receive_id;
}

/// Bytes that tell where they belong.
std::string text_of(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 / 5 % 26);
  return text;
}

Verdict check_end_of_stream(SelfTestBench& bench, SocketPair& pair) {
  pair.theirs = OwnedFd();
  const auto completions = bench.run();
  if (completions.size() != 1 || completions[0].result != 0 || completions[0].more()) {
    return misbehaves("does not tell the end of the stream");
  }
  return {};
}

}  // namespace

Verdict test_multishot_accept() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  const auto listener = listen_unix();
  if (!listener) return refused(listener.error().value());
  io_uring_prep_multishot_accept(&bench.entry(), listener->get(), nullptr, nullptr, SOCK_CLOEXEC);
  for (const auto& completion : bench.run()) return refused(-completion.result);

  for (int i = 0; i < 2; ++i) {
    const auto client = connect_unix(listener->get());
    if (!client) return refused(client.error().value());
    const auto completions = bench.run();
    if (completions.size() != 1) return misbehaves("a connection is not accepted");
    if (completions[0].result < 0) return refused(-completions[0].result);
    const OwnedFd accepted(completions[0].result);
    if (!completions[0].more()) return misbehaves("ends after a connection");
    if ((::fcntl(accepted.get(), F_GETFD) & FD_CLOEXEC) == 0) {
      return misbehaves("forgets SOCK_CLOEXEC");
    }
  }
  return {};
}

/// One receive into a provided buffer.
Verdict test_buffer_ring() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if (const auto provided = bench.provide_buffers(4, 64, false); !provided) {
    return refused(provided.error().value());
  }
  const auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  send_text(pair->theirs.get(), "hello");

  io_uring_sqe& entry = bench.entry();
  io_uring_prep_recv(&entry, pair->ours.get(), nullptr, 0, 0);
  entry.flags |= IOSQE_BUFFER_SELECT;
  const auto completions = bench.run();

  if (completions.size() != 1) return misbehaves("a receive does not complete");
  if (completions[0].result < 0) return refused(-completions[0].result);
  if (bench.take(completions[0]) != "hello") return misbehaves("delivers something else");
  return {};
}

/// Messages smaller and larger than a buffer, want of buffers, the end of the stream.
Verdict test_multishot_receive() {
  constexpr std::uint32_t buffer_bytes = 64;
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if (const auto provided = bench.provide_buffers(8, buffer_bytes, false); !provided) {
    return refused(provided.error().value());
  }
  auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  arm_receive(bench, pair->ours.get());
  for (const auto& completion : bench.run()) return refused(-completion.result);

  const std::string sent = text_of(std::size_t{9} * buffer_bytes);
  std::string received;
  bool wanted_buffers = false;
  std::size_t position = 0;
  for (const std::size_t size :
       {std::size_t{10}, std::size_t{3} * buffer_bytes - 10, std::size_t{6} * buffer_bytes}) {
    if (wanted_buffers) return misbehaves("ends although there are buffers");
    send_text(pair->theirs.get(), std::string_view(sent).substr(position, size));
    position += size;
    for (const auto& completion : bench.run()) {
      received += bench.take(completion);
      if (!completion.more()) wanted_buffers = completion.result == -ENOBUFS;
    }
  }
  // The first message took a buffer for itself, and so eight of them hold less than was sent.
  if (!wanted_buffers) return misbehaves("does not tell that it wants buffers");
  bench.provide_all();
  arm_receive(bench, pair->ours.get());
  for (const auto& completion : bench.run()) received += bench.take(completion);

  if (received != sent) return misbehaves("loses bytes, or their order");
  return check_end_of_stream(bench, *pair);
}

/// Boundaries, the sender, datagrams without payload, the end of buffers.
Verdict test_multishot_datagrams() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if (const auto provided = bench.provide_buffers(2, 256, false); !provided) {
    return refused(provided.error().value());
  }
  const auto pair = make_udp_pair();
  if (!pair) return refused(pair.error().value());
  sockaddr_in sender{};
  socklen_t length = sizeof sender;
  ::getsockname(pair->theirs.get(), reinterpret_cast<sockaddr*>(&sender), &length);
  msghdr shape{};
  shape.msg_namelen = sizeof(sockaddr_in6);
  const auto arm = [&] {
    io_uring_sqe& entry = bench.entry();
    io_uring_prep_recvmsg_multishot(&entry, pair->ours.get(), &shape, 0);
    entry.flags |= IOSQE_BUFFER_SELECT;
  };
  arm();
  for (const auto& completion : bench.run()) return refused(-completion.result);

  constexpr std::array<std::string_view, 5> sent{"hello", "", "one", "two", "three"};
  std::vector<std::string> received;
  bool armed = true;
  for (const std::string_view text : sent) send_text(pair->theirs.get(), text);
  // Two buffers, and a datagram without payload may end the request: again until all is there.
  for (int round = 0; round < 8 && received.size() < sent.size(); ++round) {
    if (!armed) {
      bench.provide_all();
      arm();
    }
    for (const auto& completion : bench.run()) {
      armed = completion.more();
      if ((completion.flags & IORING_CQE_F_BUFFER) == 0) continue;
      const std::string bytes = bench.take(completion);
      io_uring_recvmsg_out out;
      constexpr std::size_t header_bytes = sizeof out + sizeof(sockaddr_in6);
      if (bytes.size() < header_bytes) return misbehaves("delivers too little");
      std::memcpy(&out, bytes.data(), sizeof out);
      if (out.namelen != length || std::memcmp(bytes.data() + sizeof out, &sender, length) != 0) {
        return misbehaves("tells another sender");
      }
      received.push_back(bytes.substr(header_bytes));
    }
  }
  if (!std::ranges::equal(received, sent)) return misbehaves("loses datagrams, or their order");
  return {};
}

/// As multishot receive, with buffers that are used up bit by bit.
Verdict test_incremental_buffers() {
  constexpr std::uint32_t buffer_bytes = 1024;
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if (const auto provided = bench.provide_buffers(2, buffer_bytes, true); !provided) {
    return refused(provided.error().value());
  }
  auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  arm_receive(bench, pair->ours.get());
  for (const auto& completion : bench.run()) return refused(-completion.result);

  // Within the first buffer, over into the second, and to the end of it.
  const std::string sent = text_of(std::size_t{2} * buffer_bytes);
  std::string received;
  bool armed = true;
  std::size_t position = 0;
  for (const std::size_t size : {std::size_t{100}, std::size_t{1}, std::size_t{buffer_bytes},
                                 std::size_t{buffer_bytes - 101}}) {
    send_text(pair->theirs.get(), std::string_view(sent).substr(position, size));
    position += size;
    for (const auto& completion : bench.run()) {
      received += bench.take(completion);
      armed = completion.more();
    }
    if (received.size() != position) return misbehaves("does not use a buffer to its end");
  }
  if (received != sent) return misbehaves("puts bytes elsewhere than it says");

  // It may have noticed already that there is no buffer left, or notice when the next byte comes.
  bench.provide_all();
  if (!armed) arm_receive(bench, pair->ours.get());
  send_text(pair->theirs.get(), "again");
  received.clear();
  for (const auto& completion : bench.run()) received += bench.take(completion);
  if (received != "again") return misbehaves("does not begin again with a buffer that came back");
  return check_end_of_stream(bench, *pair);
}

/// Entries that the kernel has not used up can be exchanged and renewed between two enters.
Verdict test_buffer_reordering() {
  SelfTestBench bench;
  if (const auto opened = bench.open(); !opened) return refused(opened.error().value());
  if ((bench.ring().setup_flags() & IORING_SETUP_DEFER_TASKRUN) == 0) return refused(EINVAL);
  if (const auto provided = bench.provide_buffers(2, 64, true); !provided) {
    return refused(provided.error().value());
  }
  const auto pair = make_unix_pair();
  if (!pair) return refused(pair.error().value());
  arm_receive(bench, pair->ours.get());
  bench.run();

  bench.rewrite(0, 1);
  bench.rewrite(1, 0);
  for (const char* const text : {"exchanged", "renewed"}) {
    send_text(pair->theirs.get(), text);
    const auto completions = bench.run();
    if (completions.size() != 1) return misbehaves("a receive does not complete");
    if (completions[0].result < 0) return refused(-completions[0].result);
    if (completions[0].flags >> IORING_CQE_BUFFER_SHIFT != 1)
      return misbehaves("uses another entry");
    if (bench.take(completions[0]) != text) return misbehaves("does not begin where it was told");
    bench.rewrite(0, 1);
  }
  return {};
}

}  // namespace weir::reactor
