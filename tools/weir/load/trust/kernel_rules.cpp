// Whether the kernel lost something that belonged to the run, or had no room for it. Its counters
// are of all sockets of the host, so a few may be somebody else's.
#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

/// One in 10 000 requests moves p99.99 at most; a single one says nothing on a host where others
/// are at work.
constexpr double drops_per_request_max = 1e-4;
constexpr double drops_min = 1;

constexpr std::string_view timeouts = "TcpExt.TCPTimeouts";

/// A counter of which each step delays or loses what was sent.
struct Concern {
  std::string_view counter;
  TrustWeight weight;
  std::string_view remedy;
};

// What a full backlog of the server's drops is the server's doing, and a result; so is that a SYN
// is sent again because of it, which counts as a time-out, too. What this side or the way between
// lost is not. softnet's counter is of the whole machine, other network namespaces included: a
// note.
constexpr std::array of_streams = {
    Concern{"TcpExt.ListenDrops", TrustWeight::note,
            "a longer backlog for the server: sysctl net.core.somaxconn=4096"},
    Concern{"TcpExt.TCPBacklogDrop", TrustWeight::veto, "a larger --rcvbuf, or fewer --conns"},
    Concern{"TcpExt.TCPRcvQDrop", TrustWeight::veto,
            "more memory for sockets: sysctl net.ipv4.tcp_mem"},
    Concern{timeouts, TrustWeight::veto,
            "a look at what the network loses: `nstat -az TcpRetransSegs TcpExtTCPTimeouts`"},
    Concern{"TcpExt.TCPZeroWindowDrop", TrustWeight::note,
            "a larger receive buffer for the server"},
    Concern{"softnet.dropped", TrustWeight::note,
            "a longer queue: sysctl net.core.netdev_max_backlog=10000"},
};
constexpr std::array of_datagrams = {
    Concern{"Udp.SndbufErrors", TrustWeight::veto, "a lower --rate"},
    Concern{"softnet.dropped", TrustWeight::note,
            "a longer queue: sysctl net.core.netdev_max_backlog=10000"},
};
constexpr Concern own_buffer{"our sockets' buffers", TrustWeight::veto,
                             "more room: sysctl net.core.rmem_max=8388608, or more --shards"};

struct Sum {
  std::uint64_t drops = 0;
  std::uint64_t vetoed = 0;  ///< of them
  std::string places;
  std::string remedy;

  void add(const Concern& concern, std::uint64_t change) {
    if (change == 0) return;
    drops += change;
    places +=
        fmt::format("{}{} {}", places.empty() ? "" : ", ", concern.counter, format_count(change));
    const bool is_veto = concern.weight == TrustWeight::veto;
    if (remedy.empty() || (is_veto && vetoed == 0)) remedy = concern.remedy;
    if (is_veto) vetoed += change;
  }
};

std::uint64_t change_of(const HostUse& host, std::string_view name) {
  for (const KernelCounterChange& counter : host.counters) {
    if (counter.name == name) return counter.change;
  }
  return 0;
}

template <typename Concerns>
void add_counters(const Concerns& concerns, const HostUse& host, Sum& sum) {
  for (const Concern& concern : concerns) {
    std::uint64_t change = change_of(host, concern.counter);
    if (concern.counter == timeouts) {
      change -= std::min(change, change_of(host, "TcpExt.TCPSynRetrans"));
    }
    sum.add(concern, change);
  }
}

}  // namespace

std::optional<TrustCheck> check_kernel_drops(const LoadReport& report) {
  if (report.requests.sent == 0 || !report.host.has_counters) return std::nullopt;
  Sum sum;
  if (report.datagrams) {
    // Those at the server's buffer are what such a run is to find out.
    sum.add(own_buffer, report.datagrams->socket_drops);
    add_counters(of_datagrams, report.host, sum);
  } else {
    add_counters(of_streams, report.host, sum);
  }
  const double limit =
      std::max(drops_min, drops_per_request_max * static_cast<double>(report.requests.sent));
  const bool is_veto = static_cast<double>(sum.vetoed) > limit;
  TrustCheck check{.rule = TrustRule::kernel_drops,
                   .weight = is_veto ? TrustWeight::veto : TrustWeight::note,
                   .value = static_cast<double>(sum.drops),
                   .limit = limit,
                   .unit = "count"};
  check.ok = check.value <= check.limit;
  if (sum.drops == 0) {
    check.weight = TrustWeight::veto;
    check.text = "the kernel dropped nothing";
  } else {
    check.text = fmt::format("the kernel dropped or repeated {} on this host: {}",
                             plural(sum.drops, "packet"), sum.places);
  }
  check.remedy = sum.remedy;
  return check;
}

/// What the kernel dropped for it `check_kernel_drops` judges: this says why it may.
std::optional<TrustCheck> check_socket_buffers(const LoadReport& report) {
  if (!report.datagrams || report.options.answers == Answers::none) return std::nullopt;
  const std::optional<BufferGrant>& grant = report.datagrams->receive_buffer;
  if (!grant) return std::nullopt;
  const auto granted = static_cast<double>(grant->granted_bytes);
  const auto asked = static_cast<double>(grant->asked_bytes);
  TrustCheck check{
      .rule = TrustRule::socket_buffers,
      .ok = !grant->is_short(),
      .weight = TrustWeight::note,
      .value = granted,
      .limit = asked,
      .unit = "bytes",
      .text = fmt::format("the kernel granted receive buffers of {}", format_byte_size(granted))};
  if (check.ok) return check;
  check.text = fmt::format(
      "the kernel granted receive buffers of {}, not {}: answers that come in bursts may be lost "
      "here",
      format_byte_size(granted), format_byte_size(asked));
  check.remedy = fmt::format("sysctl net.core.rmem_max={}", grant->asked_bytes);
  return check;
}

}  // namespace weir::tools::load
