#include "tools/weir/bench/nagle/run_cell.h"

#include <future>
#include <optional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/bench/nagle/path_relay.h"
#include "tools/weir/bench/nagle/receiver.h"
#include "tools/weir/bench/nagle/sender.h"

namespace weir::tools::bench {
namespace {

std::string_view congestion_control_of(const CellSpec& spec, const CellSetting& setting) {
  return spec.congestion_control.empty() ? setting.congestion_control : spec.congestion_control;
}

using Listening = std::promise<Result<Address>>;

Result<ReceiverCounts> receive(const CellSpec& spec, const CellSetting& setting,
                               Listening& listening) {
  pin_thread(setting.cpus.server);
  const Result<void> entered = setting.path.enter_server();
  Result<TcpSocket> listener =
      entered ? TcpSocket::listen(setting.path.server_address()) : std::unexpected(entered.error());
  if (!listener) {
    listening.set_value(std::unexpected(listener.error()));
    return std::unexpected(listener.error());
  }
  // The receiver's answers are one write each: what is studied is the sender.
  const Result<void> set =
      set_congestion_control(listener->fd(), congestion_control_of(spec, setting));
  listening.set_value(set ? listener->local_address() : std::unexpected(set.error()));
  if (!set) return std::unexpected(set.error());
  return serve_cell(*listener, spec);
}

Result<SenderCounts> send(const CellSpec& spec, const CellSetting& setting, const Address& server) {
  pin_thread(setting.cpus.client);
  Result<void> ready = setting.path.enter_client();
  if (ready) ready = setting.path.set_autocorking(spec.autocorking);
  if (!ready) return std::unexpected(ready.error());
  return send_cell(spec, server, congestion_control_of(spec, setting));
}

/// Both ends, over a path that carries what they send.
std::expected<CellResult, std::string> run_ends(const CellSpec& spec, const CellSetting& setting) {
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
    return std::unexpected(fmt::format("sender: {}; receiver: {}", sent.error().message(),
                                       received.error().message()));
  }
  if (!sent) return std::unexpected(fmt::format("sender: {}", sent.error().message()));
  if (!received) return std::unexpected(fmt::format("receiver: {}", received.error().message()));
  if (received->messages != sent->messages) {
    return std::unexpected(
        fmt::format("receiver: {} of {} messages came", received->messages, sent->messages));
  }
  return CellResult{.sender = *std::move(sent), .receiver = *std::move(received)};
}

}  // namespace

std::expected<CellResult, std::string> run_cell(const CellSpec& spec, const CellSetting& setting) {
  const auto failed = [&spec](const std::string& why) {
    return std::unexpected(fmt::format("{} {}: {}", spec.scenario, spec.name, why));
  };
  std::optional<PathRelay> relay;
  if (const delay_relay::EmulatedPath* const path = setting.path.emulated()) {
    auto started = PathRelay::start(*path, setting.path.traits().rtt);
    if (!started) return failed(started.error().to_string());
    relay.emplace(std::move(*started));
  }
  std::expected<CellResult, std::string> result = run_ends(spec, setting);
  if (!result) return failed(result.error());
  if (relay) {
    const auto record = relay->stop();
    if (!record) return failed(record.error().to_string());
    result->relay = *record;
  }
  return result;
}

}  // namespace weir::tools::bench
