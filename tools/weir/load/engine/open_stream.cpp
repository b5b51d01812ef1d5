#include "tools/weir/load/engine/open_stream.h"

#include <utility>

#include <fmt/format.h>

#include "weir/net/connect.h"

namespace weir::tools::load {
namespace {

/// In the order in which the kernel wants them: buffers count for what is negotiated afterwards.
Result<void> apply(const SocketChoice& choice, TcpStream& stream) {
  if (choice.nodelay) {
    const auto set = stream.set_nodelay(*choice.nodelay ? Switch::on : Switch::off);
    if (!set) return set;
  }
  if (choice.cork) {
    const auto set = stream.set_cork(Switch::on);
    if (!set) return set;
  }
  if (choice.quickack) {
    const auto set = stream.set_quickack(*choice.quickack ? Switch::on : Switch::off);
    if (!set) return set;
  }
  if (choice.send_buffer_bytes) {
    const auto set = stream.set_send_buffer(*choice.send_buffer_bytes);
    if (!set) return std::unexpected(set.error());
  }
  if (choice.receive_buffer_bytes) {
    const auto set = stream.set_receive_buffer(*choice.receive_buffer_bytes);
    if (!set) return std::unexpected(set.error());
  }
  return {};
}

}  // namespace

const Target& target_of(const Options& options, std::uint32_t connection) noexcept {
  const std::size_t index = connection % (options.more_targets.size() + 1);
  return index == 0 ? options.target : options.more_targets[index - 1];
}

Task<Result<Stream>> open_stream(const Options& options, std::uint32_t connection) {
  const ConnectOptions connecting{.timeout = options.timeout};
  const Address address = target_of(options, connection).address;
  if (address.is_unix()) {
    Result<UnixStream> stream = co_await connect_unix(address, connecting);
    if (!stream) co_return std::unexpected(stream.error());
    co_return Stream(std::move(*stream));
  }
  auto pending =
      options.sources.empty()
          ? connect(address, connecting)
          : connect_from(options.sources[connection % options.sources.size()], address, connecting);
  Result<TcpStream> stream = co_await std::move(pending);
  if (!stream) co_return std::unexpected(stream.error());
  const Result<void> applied = apply(options.sockets, *stream);
  if (!applied) co_return std::unexpected(applied.error());
  co_return Stream(std::move(*stream));
}

std::string explain_connect_error(const Target& target, const std::error_code& error) {
  std::string text = fmt::format("cannot connect to {}: {}", target.text, error.message());
  if (error == std::errc::connection_refused) {
    text += "; is the server running? `weir serve echo` starts one";
  } else if (error == std::errc::too_many_files_open) {
    text += "; `ulimit -n` is too low for so many connections";
  } else if (error == std::errc::address_not_available) {
    text +=
        "; no local port is free: wait for TIME_WAIT to pass, use fewer connections, or several "
        "--source addresses";
  }
  return text;
}

}  // namespace weir::tools::load
