// A load report with round numbers, for tests to change.
#pragma once

#include <cstdint>

#include "tools/weir/common/cpu_list.h"
#include "tools/weir/load/report/report.h"

namespace weir::tools::load {

/// 100 000 answers in 10 s over 8 connections, latencies spread evenly over 50 to 150 us, one in a
/// thousand 2 ms; no errors.
inline LoadReport example_report() {
  LoadReport report;
  report.options.target = parse_target("tcp://127.0.0.1:9000").value();
  report.arguments = {"weir", "load", "tcp://127.0.0.1:9000", "--closed"};
  report.version_line = "weir 0.1.0 (GCC 12.2.0, release)";
  report.machine.kernel_release = "6.18.5";
  report.machine.cpu_model = "AMD EPYC";
  report.machine.cpus_online = 2;
  report.machine.cpus_allowed = 2;
  report.backend = Backend::io_uring;
  report.start = std::chrono::system_clock::time_point(std::chrono::seconds(1'800'000'000));
  report.measured = std::chrono::seconds(10);
  report.host.steal_share = 0;
  report.host.has_counters = true;
  report.cpu_time = std::chrono::milliseconds(4'100);
  report.connections.requested = report.connections.established = 8;
  report.requests.sent = 100'000;
  report.requests.answered = 100'000;
  report.requests.sent_bytes = 6'400'000;
  report.requests.received_bytes = 6'400'000;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    report.latency.service.record(i % 1000 == 999 ? 2'000'000 : 50'000 + i);
  }
  for (int second = 0; second < 10; ++second) {
    report.seconds.push_back({.answered = 10'000,
                              .errors = 0,
                              .p50 = std::chrono::microseconds(100),
                              .p99 = std::chrono::microseconds(149),
                              .max = std::chrono::milliseconds(2)});
  }
  return report;
}

/// An open loop: 100 000 requests at 10 000/s, all answered in 50 to 150 us but for one in a
/// thousand that took 2 ms and five that timed out after 5 s; every kind of latency, trust and an
/// objective.
inline LoadReport example_open_report() {
  LoadReport report = example_report();
  report.options.rate = 10'000;
  report.options.load_text = "open loop: 10 000/s poisson over 8 connections, 64 B a message";
  report.options.output.labels = {{"build", "abc123"}};
  report.arguments = {"weir", "load", "tcp://127.0.0.1:9000", "--rate", "10k", "--codec=len32"};
  report.requests.offered = report.requests.sent = 100'000;
  report.requests.answered = 99'995;
  report.requests.timed_out = 5;
  report.connections.requested = report.connections.opened = 8;
  report.latency.response = report.latency.service;
  for (int i = 0; i < 5; ++i) {
    report.latency.response.record_censored(5'000'000'000);
    report.latency.service.record_censored(5'000'000'000);
  }
  report.errors.add(ErrorKind::timeout, "connection 2: no answer within 5 s", 5);
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    report.latency.send_lag.record(200 + i % 100 * (i % 100));
    report.latency.connection_wait.record(0);
    if (i % 64 == 0) report.latency.kernel_rtt.record(25'000 + i / 4);
  }
  for (std::uint64_t i = 0; i < 8; ++i) report.latency.connect.record(90'000 + 1'000 * i);
  std::uint64_t second = 0;
  for (SecondSummary& row : report.seconds.rows()) {
    row.offered = row.sent = 10'000;
    row.answered = 10'000 - second % 3;
    row.p50 += std::chrono::nanoseconds(100 * second);
    row.p90 = std::chrono::microseconds(140);
    row.p999 = std::chrono::microseconds(150);
    row.generator_cpu_share = 0.25;
    row.steal_share = 0.125;
    ++second;
  }
  report.cpu_time = std::chrono::milliseconds(4'000);
  report.polled = std::chrono::milliseconds(1'500);
  report.gaps = {.count = 99'999, .mean_ratio = 1.001, .cv = 0.998, .cv_wanted = 1};
  report.host.server_pid = 812;
  report.host.server_cpu_share = 0.63;
  report.host.shard_busy_shares = {0.25};
  report.host.counters = {{"TcpExt.TCPTimeouts", 3}};
  report.trust = {{.rule = TrustRule::offered_rate,
                   .value = 1,
                   .limit = 0.98,
                   .unit = "ratio",
                   .text = "all that was due was sent",
                   .remedy = {}},
                  {.rule = TrustRule::send_lag,
                   .value = 9'400,
                   .limit = 100'000,
                   .unit = "ns",
                   .text = "one request in a hundred left 9.4 us late or more",
                   .remedy = {}}};
  report.slo = judge_slo(parse_slo("p99<2ms,err<0.1%").value(), report);
  report.options.slo = parse_slo("p99<2ms,err<0.1%").value();
  return report;
}

/// 100 000 datagrams in 10 s over one socket at a fixed rate, every tenth lost at the server's
/// buffer.
inline LoadReport example_datagram_report() {
  LoadReport report = example_report();
  report.options.target = parse_target("udp://127.0.0.1:9000").value();
  report.options.rate = 10'000;
  report.options.load_text = "open loop: 10 000/s fixed over 1 socket, 64 B a datagram";
  std::swap(report.latency.response, report.latency.service);
  report.options.connections = 1;
  report.connections.requested = report.connections.established = 1;
  report.requests.answered = 90'000;
  report.requests.received_bytes = 64 * report.requests.answered;
  DatagramResult& result = report.datagrams.emplace();
  result.counts.received = result.counts.unique = report.requests.answered;
  result.counts.lost = result.counts.loss_bursts = 10'000;
  result.counts.loss_burst_max = 1;
  report.requests.offered = report.requests.sent;
  result.sending = report.measured;
  result.peer_drops = 10'000;
  result.host_before = UdpHostCounters{.in_datagrams = 5};
  result.host_after =
      UdpHostCounters{.in_datagrams = 180'005, .in_errors = 10'000, .rcvbuf_errors = 10'000};
  for (int i = 0; i < 100'000; ++i) report.latency.send_lag.record(20'000);
  return report;
}

/// `report` with every option of a stream, and every count that no other example has.
inline LoadReport fully_populated(LoadReport report) {
  Options& options = report.options;
  report.start += std::chrono::nanoseconds(123'456'000);
  report.interrupted = report.aborted = true;
  report.warm_up = std::chrono::milliseconds(2'500);
  report.probe_complaint = "the server answers one connection only";
  options.more_targets = {parse_target("tcp://127.0.0.1:9001").value()};
  options.depth = 3;
  options.message_bytes = 100;
  options.duration = std::chrono::seconds(12);
  options.requests_max = 1'000'000;
  options.timeout = std::chrono::seconds(7);
  options.lost_after = std::chrono::milliseconds(300);
  options.seed = UINT64_MAX;
  options.samples_kernel = true;
  options.shards = 2;
  options.cpus = parse_cpu_list("0-1").value();
  options.backend = Backend::epoll;
  options.abort_on = parse_slo("err>50%").value();
  options.is_strict = true;
  options.queue_max = 77;
  if (options.rate) {
    options.open.emplace(
        RateShape({.first = *options.rate, .last = *options.rate}, options.duration),
        parse_arrival("burst:7").value(), "trace.csv");
    options.pace = Pace::spin;
    options.when_behind = WhenBehind::drop;
  }
  if (!report.datagrams) {
    options.warm_up = std::chrono::milliseconds(1'500);
    options.think_time = options.rate ? std::chrono::nanoseconds() : std::chrono::milliseconds(5);
    options.message.codec = parse_load_codec("len32").value();
    options.message.expectation = parse_expectation("regex:^OK").value();
    options.pattern = WritePattern::two_then_read;
    options.idle_connections = 40;
    options.churn = {.requests_per_connection = 9,
                     .lifetime = std::chrono::seconds(3),
                     .connects_per_second = 12.5};
    options.sockets = {.nodelay = false,
                       .quickack = true,
                       .cork = true,
                       .send_buffer_bytes = 4'096,
                       .receive_buffer_bytes = 8'192};
    options.sources = {Address::parse("127.0.0.2:0").value()};
  } else {
    report.datagrams->damaged = 3;
    report.datagrams->foreign = 4;
    report.datagrams->under_way = 5;
    report.datagrams->counts.late = 6;
    report.datagrams->counts.unique = report.requests.answered - 1;
    report.datagrams->sockets.dropped_oldest = 7;
    report.datagrams->socket_drops = 8;
  }
  report.connections.retired = 11;
  report.connections.broken = 12;
  report.requests.expired = 13;
  report.requests.unoffered = 14;
  (options.rate ? report.latency.response : report.latency.service).record(4'000'000'000'000);
  report.host.cpu_pressure_share = 0.01;
  report.host.shares_cpus = true;
  report.host.counters.push_back({"TcpExt.ListenOverflows", 9});
  report.trust.push_back({.rule = TrustRule::steal,
                          .ok = false,
                          .value = 0.2,
                          .limit = 0.02,
                          .unit = "ratio",
                          .text = "a fifth was stolen",
                          .remedy = "another machine"});
  return report;
}

}  // namespace weir::tools::load
