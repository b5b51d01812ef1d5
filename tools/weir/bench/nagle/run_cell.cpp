#include "tools/weir/bench/nagle/run_cell.h"

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/receiver.h"
#include "tools/weir/bench/nagle/sender.h"

namespace weir::tools::bench {
namespace {

using Listening = std::promise<Result<Address>>;

Result<ReceiverCounts> receive(const CellSpec& spec, const CellSetting& setting,
                               Listening& listening) {
  pin_thread(setting.cpus.server);
  const Result<void> entered = setting.path.enter_server();
  Result<TcpSocket> listener = entered ? TcpSocket::listen() : std::unexpected(entered.error());
  if (!listener) {
    listening.set_value(std::unexpected(listener.error()));
    return std::unexpected(listener.error());
  }
  // The receiver's answers are one write each: what is studied is the sender.
  const Result<void> set = set_congestion_control(listener->fd(), setting.congestion_control);
  listening.set_value(set ? listener->local_address() : std::unexpected(set.error()));
  if (!set) return std::unexpected(set.error());
  return serve_cell(*listener, spec);
}

Result<SenderCounts> send(const CellSpec& spec, const CellSetting& setting, const Address& server) {
  pin_thread(setting.cpus.client);
  const Result<void> entered = setting.path.enter_client();
  if (!entered) return std::unexpected(entered.error());
  return send_cell(spec, server, setting.congestion_control);
}

}  // namespace

std::expected<CellResult, std::string> run_cell(const CellSpec& spec, const CellSetting& setting) {
  Listening listening;
  std::future<Result<Address>> address = listening.get_future();
  Result<ReceiverCounts> received = fail(Error::cancelled);
  Result<SenderCounts> sent = fail(Error::cancelled);
  {
    const std::jthread receiver([&] { received = receive(spec, setting, listening); });
    const Result<Address> server = address.get();
    if (server) std::jthread([&] { sent = send(spec, setting, *server); }).join();
  }
  if (!received && !sent) {
    return std::unexpected(fmt::format("{} {}: sender: {}; receiver: {}", spec.scenario, spec.name,
                                       sent.error().message(), received.error().message()));
  }
  if (!sent) {
    return std::unexpected(
        fmt::format("{} {}: sender: {}", spec.scenario, spec.name, sent.error().message()));
  }
  if (!received || received->messages != sent->messages) {
    return std::unexpected(fmt::format(
        "{} {}: receiver: {}", spec.scenario, spec.name,
        received ? fmt::format("{} of {} messages came", received->messages, sent->messages)
                 : received.error().message()));
  }
  return CellResult{.sender = *std::move(sent), .receiver = *std::move(received)};
}

}  // namespace weir::tools::bench
