// The remote command service: requests in, programs run, replies out.
//
//     client --> RequestSplitter --> split_command --> AllowList --> run_command --> reply
//                  too long? text?     a shell's?        allowed?      limits
//
// One request of a connection is under way at a time; the ones behind it wait in the connection.
// While a command runs its connection is watched: when the client ends it (or only its side of it),
// the command is killed. Nothing that a client sends is interpreted by a shell.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tools/weir/exec/allow_list.h"
#include "tools/weir/exec/reply.h"
#include "tools/weir/exec/service_options.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/core/semaphore.h"
#include "weir/core/task.h"
#include "weir/net/stream.h"
#include "weir/protocols/json_header.h"

namespace weir::tools::exec {

/// Longest request: four times what the tutorial's server takes.
inline constexpr std::size_t request_bytes_max = 4096;

struct ServiceStats {
  std::uint64_t requests = 0;
  std::uint64_t refused = 0;
  std::uint64_t commands = 0;  ///< that were started
  std::uint64_t timed_out = 0;
  std::uint64_t truncated = 0;
  std::uint64_t abandoned = 0;  ///< killed because their connection ended
};

/// Belongs to one shard and outlives its connections.
class ExecService {
 public:
  ExecService(const ServiceOptions& options, AllowList allow_list)
      : options_(options), allow_list_(std::move(allow_list)), slots_(options.concurrency) {}

  /// Serves one connection until it ends. Errors: the stream's; Error::end_of_stream within a
  /// request; Error::frame_too_large after a request that was; Error::frame_malformed after one
  /// that no client of ours sends: not text, or HTTP.
  [[nodiscard]] Task<Result<void>> serve(Stream stream);

  [[nodiscard]] const ServiceStats& stats() const noexcept { return stats_; }

 private:
  [[nodiscard]] Task<Result<protocols::JsonFrame>> answer(std::string request);
  [[nodiscard]] Task<Result<protocols::JsonFrame>> run_words(const std::string* program,
                                                             std::vector<std::string> words);
  [[nodiscard]] protocols::JsonFrame refuse(Refusal refusal, std::string_view message);
  [[nodiscard]] protocols::JsonFrame refuse_for_good(std::string_view peer,
                                                     std::string_view request, Refusal refusal,
                                                     std::string_view message);
  void log(std::string_view peer, TimePoint begun, std::string_view request,
           std::string_view outcome) const;

  ServiceOptions options_;
  AllowList allow_list_;
  Semaphore slots_;
  ServiceStats stats_;
};

}  // namespace weir::tools::exec
