#include "tools/weir/load/report/datagram_json.h"

#include <chrono>
#include <optional>

#include "tools/weir/load/report/datagram_rates.h"
#include "tools/weir/load/report/json_fields.h"

namespace weir::tools::load {
namespace {

Json counters_json(const UdpHostCounters& counters) {
  Json json = Json::object();
  for (const UdpHostCounterField& field : udp_host_counter_fields) {
    json[std::string(field.name)] = counters.*field.value;
  }
  return json;
}

Json sockets_json(const UdpStats& stats) {
  return {
      {"datagrams_received", stats.datagrams_received}, {"trains_received", stats.trains_received},
      {"datagrams_sent", stats.datagrams_sent},         {"trains_sent", stats.trains_sent},
      {"receive_pauses", stats.receive_pauses},         {"send_waits", stats.send_waits},
      {"offload_fallbacks", stats.offload_fallbacks},   {"errors_received", stats.errors_received}};
}

}  // namespace

Json datagrams_json(const LoadReport& report) {
  const DatagramResult& result = *report.datagrams;
  const protocols::DatagramCounts& counts = result.counts;
  const DatagramRates rates = datagram_rates(report);
  return {{"sent", report.requests.sent},
          {"offered", report.options.rate ? Json(report.requests.offered) : Json()},
          {"answered", report.requests.answered},
          {"unique", counts.unique},
          {"lost", counts.lost},
          {"loss_ratio", rates.loss_ratio},
          {"loss_bursts", counts.loss_bursts},
          {"loss_burst_max", counts.loss_burst_max},
          {"duplicates", counts.duplicates},
          {"reordered", counts.reordered},
          {"reordering_distance_max", counts.reordering_distance_max},
          {"late", counts.late},
          {"damaged", result.damaged},
          {"foreign", result.foreign},
          {"under_way", result.under_way},
          {"sending_s", std::chrono::duration<double>(result.sending).count()},
          {"sent_per_s", rates.sent_per_s},
          {"received_per_s", rates.received_per_s},
          {"sent_bits_per_s", rates.sent_bits_per_s},
          {"received_bits_per_s", rates.received_bits_per_s},
          {"sockets", sockets_json(result.sockets)}};
}

Json loss_parts_json(const LossParts& parts) {
  return {{"lost", parts.lost},
          {"our_queue", parts.our_queue},
          {"our_socket_buffer", parts.our_socket},
          {"server_socket_buffer", parts.peer_socket ? Json(*parts.peer_socket) : Json()},
          {"late", parts.late},
          {"damaged", parts.damaged},
          {"network_or_server", parts.elsewhere}};
}

Json host_counters_json(const DatagramResult& result) {
  if (!result.host_before || !result.host_after) return {};
  return {{"before", counters_json(*result.host_before)},
          {"after", counters_json(*result.host_after)},
          {"change", counters_json(result.host_after->since(*result.host_before))}};
}

namespace {

std::optional<UdpHostCounters> counters_from_json(const Json& json) {
  if (!json.is_object()) return std::nullopt;
  UdpHostCounters counters;
  for (const UdpHostCounterField& one : udp_host_counter_fields) {
    counters.*one.value = count_of(field(json, one.name));
  }
  return counters;
}

void read_counts(const Json& json, DatagramResult& result) {
  protocols::DatagramCounts& counts = result.counts;
  // Reports of the first version had one name for both.
  const Json& unique = field(json, "unique");
  counts.unique = count_of(unique.is_number() ? unique : field(json, "answered"));
  counts.lost = count_of(field(json, "lost"));
  counts.loss_bursts = count_of(field(json, "loss_bursts"));
  counts.loss_burst_max = count_of(field(json, "loss_burst_max"));
  counts.duplicates = count_of(field(json, "duplicates"));
  counts.reordered = count_of(field(json, "reordered"));
  counts.reordering_distance_max = count_of(field(json, "reordering_distance_max"));
  counts.late = count_of(field(json, "late"));
  result.damaged = count_of(field(json, "damaged"));
  result.foreign = count_of(field(json, "foreign"));
  result.under_way = count_of(field(json, "under_way"));
  result.sending = seconds_of(field(json, "sending_s"));
}

void read_socket_counts(const Json& json, UdpStats& stats) {
  stats.datagrams_received = count_of(field(json, "datagrams_received"));
  stats.trains_received = count_of(field(json, "trains_received"));
  stats.datagrams_sent = count_of(field(json, "datagrams_sent"));
  stats.trains_sent = count_of(field(json, "trains_sent"));
  stats.receive_pauses = count_of(field(json, "receive_pauses"));
  stats.send_waits = count_of(field(json, "send_waits"));
  stats.offload_fallbacks = count_of(field(json, "offload_fallbacks"));
  stats.errors_received = count_of(field(json, "errors_received"));
}

}  // namespace

DatagramResult datagrams_from_json(const Json& phase) {
  DatagramResult result;
  read_counts(field(phase, "datagrams"), result);
  read_socket_counts(field(field(phase, "datagrams"), "sockets"), result.sockets);
  const Json& where = field(phase, "lost_where");
  result.sockets.dropped_newest = count_of(field(where, "our_queue"));
  result.socket_drops = count_of(field(where, "our_socket_buffer"));
  if (const Json& drops = field(where, "server_socket_buffer"); drops.is_number()) {
    result.peer_drops = count_of(drops);
  }
  result.host_before = counters_from_json(field(field(phase, "kernel"), "before"));
  result.host_after = counters_from_json(field(field(phase, "kernel"), "after"));
  return result;
}

}  // namespace weir::tools::load
