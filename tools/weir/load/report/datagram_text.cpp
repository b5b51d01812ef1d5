#include "tools/weir/load/report/datagram_text.h"

#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/load/report/datagram_rates.h"
#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

constexpr std::size_t place_columns = 21;
constexpr std::size_t count_columns = 13;

std::string sent_text(const LoadReport& report, const DatagramRates& rates) {
  std::string text = plural(report.requests.sent, "datagram");
  if (report.options.rate && report.requests.sent < report.requests.offered) {
    text += fmt::format(" of {} that were due", format_count(report.requests.offered));
  }
  return text + fmt::format(", {}/s, {}", format_rounded(rates.sent_per_s),
                            format_bit_rate(rates.sent_bits_per_s));
}

std::string lost_text(const LoadReport& report, const DatagramRates& rates) {
  const protocols::DatagramCounts& counts = report.datagrams->counts;
  std::string text =
      fmt::format("{} ({:.3g} %)", format_count(counts.lost), rates.loss_ratio * 100);
  if (counts.lost > 0) {
    text += fmt::format(" in {}, the longest of {}", plural(counts.loss_bursts, "burst"),
                        format_count(counts.loss_burst_max));
  }
  return text;
}

std::string order_text(const DatagramResult& result) {
  const protocols::DatagramCounts& counts = result.counts;
  std::string text = fmt::format("{} twice, {} reordered", format_count(counts.duplicates),
                                 format_count(counts.reordered));
  if (counts.reordered > 0) {
    text += fmt::format(" (by up to {})", format_count(counts.reordering_distance_max));
  }
  return text + fmt::format(", {} late, {} damaged, {} foreign", format_count(counts.late),
                            format_count(result.damaged), format_count(result.foreign));
}

std::string lag_text(const Histogram& lag, TextStyle style) {
  const auto at = [&](std::uint64_t value) {
    return format_duration(std::chrono::nanoseconds(value), style);
  };
  return fmt::format("p50 {}, p99 {}, p99.9 {}, max {}; latency counts from when it was due",
                     at(lag.value_at_percentile(50)), at(lag.value_at_percentile(99)),
                     at(lag.value_at_percentile(99.9)), at(lag.max()));
}

std::string loss_line(std::string_view place, const std::string& count, std::string_view how) {
  return fmt::format("  {:<{}}{:>{}}  {}\n", place, place_columns, count, count_columns, how);
}

/// What moved, of all sockets of this host.
std::string host_text(const DatagramResult& result) {
  if (!result.host_before || !result.host_after) return "not readable (/proc/net/snmp)";
  const UdpHostCounters change = result.host_after->since(*result.host_before);
  std::string text;
  for (const UdpHostCounterField& field : udp_host_counter_fields) {
    if (field.value == &UdpHostCounters::in_datagrams) continue;
    if (field.value == &UdpHostCounters::out_datagrams || change.*field.value == 0) continue;
    text += fmt::format("{}{} +{}", text.empty() ? "" : ", ", field.name,
                        format_count(change.*field.value));
  }
  return text.empty() ? "no UDP error counter moved" : text + ", of all sockets";
}

bool is_worth_telling(const DatagramResult& result, const LossParts& parts) {
  if (parts.lost > 0 || parts.late > 0 || parts.damaged > 0) return true;
  if (parts.our_queue > 0 || parts.our_socket > 0 || parts.peer_socket.value_or(0) > 0) return true;
  if (!result.host_before || !result.host_after) return false;
  const UdpHostCounters change = result.host_after->since(*result.host_before);
  return change.in_errors > 0 || change.no_ports > 0 || change.sndbuf_errors > 0;
}

}  // namespace

std::string datagram_details(const LoadReport& report, TextStyle style) {
  const DatagramRates rates = datagram_rates(report);
  const DatagramResult& result = *report.datagrams;
  std::string out = labelled("sent", sent_text(report, rates));
  if (report.options.answers == Answers::echo) {
    out += labelled("answered",
                    fmt::format("{}, {}/s, {}", plural(report.requests.answered, "datagram"),
                                format_rounded(rates.received_per_s),
                                format_bit_rate(rates.received_bits_per_s)));
    out += labelled("lost", lost_text(report, rates));
    out += labelled("came", order_text(result));
  }
  if (result.under_way > 0) {
    out += labelled("under way", fmt::format("{} when the run ended, neither answered nor lost",
                                             format_count(result.under_way)));
  }
  const Histogram& lag = report.latency.send_lag;
  if (!lag.empty()) out += labelled("send lag", lag_text(lag, style));
  return out;
}

std::string losses_text(const LoadReport& report) {
  if (!report.datagrams) return {};
  const DatagramResult& result = *report.datagrams;
  const LossParts parts = find_loss_parts(result);
  if (!is_worth_telling(result, parts)) return {};
  std::string out = "Who lost what\n";
  out += loss_line("our queue", format_count(parts.our_queue), "received, but not read in time");
  out += loss_line("our socket buffer", format_count(parts.our_socket), "full (SO_RXQ_OVFL)");
  out +=
      loss_line("server's buffer", parts.peer_socket ? format_count(*parts.peer_socket) : "?",
                parts.peer_socket ? "full (/proc/net/udp)" : "not a socket that this host shows");
  if (report.options.answers == Answers::echo) {
    out += loss_line("late", format_count(parts.late),
                     fmt::format("came after {}", format_seconds(report.options.lost_after)));
    out += loss_line("damaged", format_count(parts.damaged), "came back with other bytes");
    out += loss_line("network or server", format_count(parts.elsewhere), "no counter here knows");
  }
  return out + labelled("this host", host_text(result));
}

}  // namespace weir::tools::load
