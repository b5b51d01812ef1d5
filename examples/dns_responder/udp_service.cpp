#include "udp_service.h"

#include <array>
#include <cstddef>
#include <expected>
#include <memory>
#include <span>
#include <utility>

namespace dns_responder {
namespace {

using weir::Datagram;
using weir::DatagramBatch;
using weir::OutgoingDatagram;
using weir::Result;
using weir::Task;
using weir::UdpSocket;

constexpr std::size_t answers_max = 64;

/// Answers that leave together, with the memory they stand in: one object a shard, used again.
class Answers {
 public:
  explicit Answers(const Responder& responder) noexcept : responder_(responder) {}

  [[nodiscard]] bool is_full() const noexcept { return count_ == answers_max; }

  /// Answers a query, if it is one. Who sends more than an answer may hold is no resolver.
  void add(const Datagram& query) noexcept {
    if (query.truncated()) return;
    const std::span<std::byte> room(memory_[count_]);
    const std::size_t bytes = responder_.respond(query.payload(), Transport::udp, room);
    if (bytes == 0) return;
    outgoing_[count_++] = {
        .payload = room.first(bytes), .peer = query.peer(), .source = query.local()};
  }

  [[nodiscard]] std::span<const OutgoingDatagram> outgoing() const noexcept {
    return std::span(outgoing_).first(count_);
  }
  void clear() noexcept { count_ = 0; }

 private:
  const Responder& responder_;
  std::size_t count_ = 0;
  std::array<OutgoingDatagram, answers_max> outgoing_;
  std::array<std::array<std::byte, ResponderOptions{}.udp_payload_bytes_max>, answers_max> memory_;
};

/// An answer that the kernel refuses is the loss of whoever it was for, not of the others.
Task<void> send_all(UdpSocket* socket, Answers* answers) {
  std::span<const OutgoingDatagram> rest = answers->outgoing();
  while (!rest.empty()) {
    const weir::SendOutcome sent = co_await socket->send(rest);
    rest = rest.subspan(sent.accepted);
    if (sent.refused && !rest.empty()) rest = rest.subspan(1);
  }
  answers->clear();
}

Task<Result<void>> answer_datagrams(UdpSocket socket, const Responder* responder) {
  const auto answers = std::make_unique<Answers>(*responder);
  for (;;) {
    const Result<DatagramBatch> queries = co_await socket.receive();
    if (!queries) co_return std::unexpected(queries.error());
    if (queries->empty()) co_return Result<void>();
    for (const Datagram& query : *queries) {
      answers->add(query);
      if (answers->is_full()) co_await send_all(&socket, answers.get());
    }
    co_await send_all(&socket, answers.get());
  }
}

}  // namespace

Result<weir::UdpServer> bind_udp(const weir::Address& address) {
  weir::UdpOptions options;
  // Nobody's word about the path counts: forged ICMP would make answers fragments (RFC 8900).
  options.path_mtu = weir::PathMtuPolicy::ignore;
  if (address.is_any()) options.receive_local = weir::Switch::on;
  return weir::UdpServer::bind(address, options);
}

Task<Result<void>> serve_udp(weir::UdpServer* server, const Responder* responder) {
  return server->serve(
      [responder](UdpSocket socket) { return answer_datagrams(std::move(socket), responder); });
}

}  // namespace dns_responder
