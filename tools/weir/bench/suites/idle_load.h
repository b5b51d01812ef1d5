// What connections cost that do nothing: memory, and the server's processor time.
#pragma once

#include <string>

#include "tools/weir/bench/rounds/suite_case.h"
#include "tools/weir/bench/suites/programs.h"

namespace weir::tools::bench {

class IdleLoad : public CaseLoad {
 public:
  IdleLoad(const Programs& programs, unsigned connections, std::chrono::milliseconds idle);

  /// Each connection echoes once, then nothing happens.
  CellOr run(RunningContender& server, std::chrono::milliseconds duration,
             CellObserver& observer) override;

 private:
  std::string client_;
  std::string cpu_;
  unsigned connections_;
  std::chrono::milliseconds idle_;
};

}  // namespace weir::tools::bench
