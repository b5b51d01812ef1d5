#include "tools/weir/serve/udp_run.h"

#include <cstdio>
#include <expected>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/serve/bind_error.h"
#include "tools/weir/serve/udp_services.h"

namespace weir::tools::serve {
namespace {

/// The kernel grants less than was asked for without a word.
void note_short_buffer(UdpSocket& socket, std::size_t asked_bytes) {
  if (asked_bytes == 0) return;
  const Result<BufferGrant> grant = socket.set_receive_buffer(asked_bytes);
  if (!grant || !grant->is_short()) return;
  fmt::print(stderr,
             "weir serve: note: the system grants {} of {} bytes of socket buffer; raise the "
             "sysctl net.core.rmem_max, or start with CAP_NET_ADMIN\n",
             grant->granted_bytes, grant->asked_bytes);
}

/// No coroutine: the task is that of the service.
Task<Result<void>> serve_one(UdpSocket socket, const Options* options, UdpReport* report) {
  // All shards get the same.
  if (Shard::current().id() == 0) note_short_buffer(socket, options->udp.receive_buffer_bytes);
  if (options->service == Service::udp_sink) {
    const bool together = keeps_streams_together(options->steering, options->shards);
    return count_datagrams(std::move(socket), together ? Follow::streams : Follow::nothing, report);
  }
  const bool upper = options->service == Service::upper;
  return answer_datagrams(std::move(socket), upper ? Answer::upper_case : Answer::same_bytes,
                          report);
}

}  // namespace

bool keeps_streams_together(const Steering& steering, unsigned shards) noexcept {
  if (shards == 1) return true;
  switch (steering.by) {
    case Steering::By::flow:
      return true;
    case Steering::By::cpu:
      return false;
    case Steering::By::payload:
      break;
  }
  // The stream id and what is before it are the same in all datagrams of a stream. Of a train, too,
  // if its sender has one stream a port, as `weir load` does.
  constexpr std::uint32_t stream_id_end = 8;
  return steering.offset + steering.bytes <= stream_id_end;
}

Task<Result<void>> serve_udp(const Options* options, UdpReport* report, std::string* problem) {
  Result<UdpServer> server = UdpServer::bind(options->listen, options->udp, options->steering);
  if (!server) {
    *problem = explain_bind_error(options->listen, server.error());
    co_return std::unexpected(server.error());
  }
  fmt::print("READY {}\n", server->address().to_string());
  std::fflush(stdout);
  // One for each shard, which alone writes it until all have ended.
  std::vector<UdpReport> reports(Runtime::current().shard_count());
  UdpServer::Service service = [options, &reports](UdpSocket socket) {
    return serve_one(std::move(socket), options, &reports[Shard::current().id()]);
  };
  const Result<void> served = co_await server->serve(std::move(service));
  for (const UdpReport& shard_report : reports) *report += shard_report;
  co_return served;
}

}  // namespace weir::tools::serve
