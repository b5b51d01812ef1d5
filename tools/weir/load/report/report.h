// What a load run found out: everything that its text and its JSON are made of.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/engine/error_counts.h"
#include "tools/weir/load/report/datagram_result.h"
#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

/// One second of the run; the last one may be shorter and is left out.
struct SecondSummary {
  std::uint64_t answered = 0;
  std::uint64_t errors = 0;
  std::uint64_t lost = 0;  ///< datagrams only
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds max{};
};

struct LoadReport {
  Options options;
  std::vector<std::string> arguments;  ///< the command line
  std::string version_line;
  bool is_optimized = true;  ///< whether this program is a release build
  Machine machine;
  Backend backend = Backend::automatic;  ///< the one that was used
  std::chrono::system_clock::time_point start;

  std::chrono::nanoseconds measured{};  ///< from the first request to the last counted answer
  std::chrono::nanoseconds cpu_time{};  ///< of the generator, user and system, meanwhile
  std::uint32_t established = 0;        ///< connections
  std::uint64_t sent = 0;               ///< requests
  std::uint64_t answered = 0;           ///< of them, completely and rightly
  std::uint64_t sent_bytes = 0;
  std::uint64_t received_bytes = 0;
  ErrorCounts errors;
  /// ns from handing a request to the kernel, or with a rate from when it was due, to its last
  /// byte's arrival.
  Histogram latency;
  std::vector<SecondSummary> seconds;
  bool interrupted = false;
  std::optional<DatagramResult> datagrams{};  ///< of a datagram target
};

enum class Verdict : std::uint8_t {
  ok,
  lossy,  ///< every answer was right, but datagrams were lost: that is a result, no error
  failed,
  nothing_succeeded
};

[[nodiscard]] Verdict verdict_of(const LoadReport& report) noexcept;
/// The verdict for scripts; an interrupted run that had no errors is `interrupted`.
[[nodiscard]] ExitCode exit_code_of(const LoadReport& report) noexcept;
/// `ok`, `lossy` or `failed`: what a program reads.
[[nodiscard]] std::string_view verdict_word(const LoadReport& report) noexcept;
/// Answers a second.
[[nodiscard]] double rate_of(const LoadReport& report) noexcept;

/// For a person: at most 80 columns.
[[nodiscard]] std::string report_text(const LoadReport& report, TextStyle style);

/// Schema `weir.load/1`; later versions only add.
[[nodiscard]] std::string report_json(const LoadReport& report);

}  // namespace weir::tools::load
