// Whether the kernel lost something that belonged to the run. Its counters are of all sockets of
// the host, so a few may be somebody else's.
#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/load/report/labelled_line.h"
#include "tools/weir/load/trust/trust_rules.h"

namespace weir::tools::load {
namespace {

/// One in 10 000 requests moves p99.99 at most; a single one says nothing on a host where others
/// are at work.
constexpr double drops_per_request_max = 1e-4;
constexpr double drops_min = 1;

/// A counter of which each step delays or loses what was sent.
struct Concern {
  std::string_view counter;
  TrustWeight weight;
  std::string_view remedy;
};

// What a full backlog of the server's drops is the server's doing, and a result; so are losses of a
// stream that repetition repairs. What this side or the way between lost is not.
constexpr std::array of_streams = {
    Concern{"TcpExt.ListenDrops", TrustWeight::note,
            "a longer backlog for the server: sysctl net.core.somaxconn=4096"},
    Concern{"TcpExt.TCPBacklogDrop", TrustWeight::veto, "a larger --rcvbuf, or fewer --conns"},
    Concern{"TcpExt.TCPRcvQDrop", TrustWeight::veto,
            "more memory for sockets: sysctl net.ipv4.tcp_mem"},
    Concern{"TcpExt.TCPTimeouts", TrustWeight::veto,
            "a look at what the network loses: `nstat -az TcpRetransSegs TcpExtTCPTimeouts`"},
    Concern{"TcpExt.TCPZeroWindowDrop", TrustWeight::note,
            "a larger receive buffer for the server"},
    Concern{"softnet.dropped", TrustWeight::veto,
            "a longer queue: sysctl net.core.netdev_max_backlog=10000"},
};
constexpr std::array of_datagrams = {
    Concern{"Udp.SndbufErrors", TrustWeight::veto, "a lower --rate"},
    Concern{"softnet.dropped", TrustWeight::veto,
            "a longer queue: sysctl net.core.netdev_max_backlog=10000"},
};
constexpr Concern own_buffer{"our sockets' buffers", TrustWeight::veto,
                             "more room: sysctl net.core.rmem_max=8388608, or more --shards"};

struct Sum {
  std::uint64_t drops = 0;
  bool is_veto = false;
  std::string places;
  std::string remedy;

  void add(const Concern& concern, std::uint64_t change) {
    if (change == 0) return;
    drops += change;
    places +=
        fmt::format("{}{} {}", places.empty() ? "" : ", ", concern.counter, format_count(change));
    const bool weighs_more = concern.weight == TrustWeight::veto && !is_veto;
    if (remedy.empty() || weighs_more) remedy = concern.remedy;
    is_veto = is_veto || concern.weight == TrustWeight::veto;
  }
};

template <typename Concerns>
void add_counters(const Concerns& concerns, const HostUse& host, Sum& sum) {
  for (const Concern& concern : concerns) {
    for (const KernelCounterChange& counter : host.counters) {
      if (counter.name == concern.counter) sum.add(concern, counter.change);
    }
  }
}

}  // namespace

std::optional<TrustCheck> check_kernel_drops(const LoadReport& report) {
  if (report.requests.sent == 0) return std::nullopt;
  Sum sum;
  if (report.datagrams) {
    // Those at the server's buffer are what such a run is to find out.
    sum.add(own_buffer, report.datagrams->socket_drops);
    add_counters(of_datagrams, report.host, sum);
  } else {
    add_counters(of_streams, report.host, sum);
  }
  TrustCheck check{.rule = TrustRule::kernel_drops,
                   .weight = sum.is_veto ? TrustWeight::veto : TrustWeight::note,
                   .value = static_cast<double>(sum.drops),
                   .limit = std::max(drops_min, drops_per_request_max *
                                                    static_cast<double>(report.requests.sent)),
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

}  // namespace weir::tools::load
