#include "tools/weir/bench/nagle/cell_metrics.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "examples/delay_relay/relay_report.h"

namespace weir::tools::bench {
namespace {

/// With fewer the 99.9th percentile is the maximum by another name.
constexpr std::uint64_t p999_samples_min = 1000;

double microseconds_of(std::uint64_t ns) { return static_cast<double>(ns) / 1e3; }

double share(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

/// A metric by name, so that the order in the enumeration does not matter here.
class Metrics {
 public:
  double& operator[](Metric metric) { return values_[std::to_underlying(metric)]; }
  [[nodiscard]] const CellMetrics& values() const noexcept { return values_; }

 private:
  CellMetrics values_{};
};

}  // namespace

std::string_view to_text(Metric metric) noexcept {
  static constexpr std::array<std::string_view, metric_count> names = {
      "messages_per_s",
      "p50_us",
      "p99_us",
      "p999_us",
      "max_us",
      "first_us",
      "stalls",
      "elapsed_us",
      "segments_per_message",
      "bytes_per_segment",
      "acks_per_message",
      "sender_calls_per_message",
      "receiver_calls_per_message",
      "sender_cpu_us_per_message",
      "receiver_cpu_us_per_message",
      "merged_reads",
      "cut_messages",
      "retransmitted",
      "relay_late_us",
      "relay_lost",
      "relay_realtime"};
  return names[std::to_underlying(metric)];
}

CellMetrics metrics_of(const CellSpec& spec, const CellResult& result) {
  const SenderCounts& sender = result.sender;
  const ReceiverCounts& receiver = result.receiver;
  const load::Histogram& latency = result.latency();
  const std::uint64_t messages = sender.messages;
  const auto per_message = [messages](std::uint64_t count) { return share(count, messages); };
  const auto cpu_per_message = [messages](std::chrono::nanoseconds cpu) {
    return share(static_cast<std::uint64_t>(cpu.count()), messages) / 1e3;
  };
  Metrics metrics;
  metrics[Metric::messages_per_s] =
      static_cast<double>(messages) / std::chrono::duration<double>(sender.elapsed).count();
  metrics[Metric::p50_us] = microseconds_of(latency.value_at_percentile(50));
  metrics[Metric::p99_us] = microseconds_of(latency.value_at_percentile(99));
  if (latency.count() >= p999_samples_min) {
    metrics[Metric::p999_us] = microseconds_of(latency.value_at_percentile(99.9));
  }
  metrics[Metric::max_us] = microseconds_of(latency.max());
  metrics[Metric::first_us] = microseconds_of(sender.first_exchanges.value_at_percentile(50));
  metrics[Metric::stalls] = share(sender.stalls, sender.exchanges.count());
  metrics[Metric::elapsed_us] = microseconds_of(static_cast<std::uint64_t>(sender.elapsed.count()));
  metrics[Metric::segments_per_message] = per_message(sender.segments);
  metrics[Metric::bytes_per_segment] = share(messages * spec.message_bytes(), sender.segments);
  metrics[Metric::acks_per_message] = per_message(sender.acks);
  metrics[Metric::sender_calls_per_message] = per_message(sender.system_calls);
  metrics[Metric::receiver_calls_per_message] = per_message(receiver.system_calls);
  metrics[Metric::sender_cpu_us_per_message] = cpu_per_message(sender.cpu);
  metrics[Metric::receiver_cpu_us_per_message] = cpu_per_message(receiver.cpu);
  metrics[Metric::merged_reads] = share(receiver.merged_reads, receiver.reads);
  metrics[Metric::cut_messages] = share(receiver.cut_messages, receiver.messages);
  metrics[Metric::retransmitted] = static_cast<double>(sender.retransmitted);
  metrics[Metric::relay_late_us] =
      microseconds_of(static_cast<std::uint64_t>(result.relay.late_p99.count()));
  metrics[Metric::relay_lost] = static_cast<double>(result.relay.packets_lost);
  metrics[Metric::relay_realtime] = result.relay.is_realtime ? 1 : 0;
  return metrics.values();
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const std::size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {.median = median, .low = values.front(), .high = values.back()};
}

Spread CellSummary::spread(Metric metric) const {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const CellMetrics& round : rounds) values.push_back(round[std::to_underlying(metric)]);
  return spread_of(std::move(values));
}

bool CellSummary::is_trusted() const {
  if (traits.kind != PathKind::far) return true;
  const double rtt_us = std::chrono::duration<double, std::micro>(traits.rtt).count();
  return median(Metric::relay_late_us) <= delay_relay::trusted_lateness_fraction * rtt_us;
}

}  // namespace weir::tools::bench
