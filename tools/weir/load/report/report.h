// What a load run found out: everything that its text and its JSON are made of.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/weir/common/exit_code.h"
#include "tools/weir/common/machine.h"
#include "tools/weir/common/text_style.h"
#include "tools/weir/load/cli/options.h"
#include "tools/weir/load/engine/connection_counts.h"
#include "tools/weir/load/engine/error_counts.h"
#include "tools/weir/load/engine/latency_set.h"
#include "tools/weir/load/engine/request_counts.h"
#include "tools/weir/load/kernel/host_use.h"
#include "tools/weir/load/report/datagram_result.h"
#include "tools/weir/load/report/second_series.h"
#include "tools/weir/load/report/slo.h"
#include "tools/weir/load/trust/trust_check.h"

namespace weir::tools::load {

/// The gaps between the times at which requests were due: what the arrival process really was.
struct GapSummary {
  std::uint64_t count = 0;
  std::size_t parts = 1;              ///< between requests of one of so many parts that took turns
  double mean_ratio = 1;              ///< measured over wanted
  double cv = 0;                      ///< standard deviation over mean
  std::optional<double> cv_wanted{};  ///< none: the arrival process has none (a trace, a shape)
};

struct LoadReport {
  Options options;
  std::vector<std::string> arguments;  ///< the command line
  std::string version_line;
  bool is_optimized = true;  ///< whether this program is a release build
  Machine machine;
  Backend backend = Backend::automatic;  ///< the one that was used
  std::chrono::system_clock::time_point start;

  std::chrono::nanoseconds warm_up{};   ///< before what is reported
  std::chrono::nanoseconds measured{};  ///< from the first request to the last counted answer
  std::chrono::nanoseconds cpu_time{};  ///< of the generator, user and system, meanwhile
  std::chrono::nanoseconds polled{};    ///< of it, spent waiting for due times
  ConnectionCounts connections;
  RequestCounts requests;
  ErrorCounts errors;
  LatencySet latency;
  SecondSeries seconds;
  HostUse host;
  GapSummary gaps;
  std::uint64_t nagle_stalls = 0;  ///< of ShardStats, warm-up included; in JSON as a trust check
  std::string probe_complaint{};   ///< why kernel round trips are missing; empty: they are not
  std::vector<TrustCheck> trust;   ///< `check_trust`, once all the above is there
  std::vector<SloResult> slo;      ///< `judge_slo`
  bool interrupted = false;
  bool aborted = false;                       ///< by --abort-on
  std::optional<DatagramResult> datagrams{};  ///< of a datagram target
};

/// The first of these that applies, from the last to the first.
enum class Verdict : std::uint8_t {
  ok,
  lossy,      ///< every answer was right, but datagrams were lost: that is a result, no error
  saturated,  ///< the server is the limit: requests waited for connections until fewer than 98 % of
              ///< the offered rate were answered
  slo_failed,  ///< a condition of --slo does not hold
  untrusted,   ///< a trust rule with a veto failed: the numbers may not be the server's
  failed,      ///< errors that no condition on `err` allows, or --abort-on ended it
  nothing_succeeded
};

/// An open loop is saturated below this.
inline constexpr double saturated_below_share = 0.98;

/// A trust rule with a veto failed.
[[nodiscard]] bool is_untrusted(const LoadReport& report) noexcept;
/// Whether the server is the limit, whatever else is to be said.
[[nodiscard]] bool is_saturated(const LoadReport& report) noexcept;

[[nodiscard]] Verdict verdict_of(const LoadReport& report) noexcept;
/// The verdict for scripts. Untrusted runs fail only with --strict, where that outranks everything
/// they say about the server but that it never answered.
[[nodiscard]] ExitCode exit_code_of(const LoadReport& report) noexcept;
/// `ok`, `lossy`, `saturated`, `untrusted` or `failed`: what a program reads.
[[nodiscard]] std::string_view verdict_word(const LoadReport& report) noexcept;
/// Answers a second.
[[nodiscard]] double rate_of(const LoadReport& report) noexcept;
/// Requests that were due, a second; 0 in a closed loop.
[[nodiscard]] double offered_rate_of(const LoadReport& report) noexcept;
/// Of the requests that were due, those that were not answered rightly; lost datagrams are not
/// among them.
[[nodiscard]] double error_share_of(const LoadReport& report) noexcept;

/// For a person: at most 80 columns.
[[nodiscard]] std::string report_text(const LoadReport& report, TextStyle style);

/// Schema `weir.load/1`; later versions only add.
[[nodiscard]] std::string report_json(const LoadReport& report);

}  // namespace weir::tools::load
