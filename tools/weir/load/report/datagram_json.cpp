#include "tools/weir/load/report/datagram_json.h"

#include "tools/weir/load/report/datagram_rates.h"

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
          {"offered", report.options.rate ? Json(result.offered) : Json()},
          {"answered", report.requests.answered},
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

}  // namespace weir::tools::load
