// The load of a case by one of the hand-written clients of bench/peers, which connect, warm up, and
// send when they are told to:
//
//     CONNECTED  <-  client         observer.begin(): the server sleeps
//     go         ->  client         one run
//     {"requests": ...} <- client   observer.end()
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "tools/weir/bench/rounds/suite_case.h"

namespace weir::tools::bench {

struct GatedClient {
  std::vector<std::string> command;  ///< without the server's address and the duration
  bool has_latency = true;           ///< of requests, each of which is a unit of work
};

class GatedClientLoad : public CaseLoad {
 public:
  explicit GatedClientLoad(GatedClient client) : client_(std::move(client)) {}

  CellOr run(RunningContender& server, std::chrono::milliseconds duration,
             CellObserver& observer) override;

 private:
  GatedClient client_;
};

/// Starts `command`, lets it run once between the two looks of the observer, and returns what it
/// printed. The error is a sentence without a full stop.
[[nodiscard]] std::expected<nlohmann::json, std::string> run_gated(
    const std::vector<std::string>& command, pid_t server, std::chrono::milliseconds duration,
    CellObserver& observer);

}  // namespace weir::tools::bench
