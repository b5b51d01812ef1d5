// A load report with round numbers, for tests to change.
#pragma once

#include <cstdint>

#include "tools/weir/load/report.h"

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
  report.cpu_time = std::chrono::milliseconds(4'100);
  report.established = 8;
  report.sent = 100'000;
  report.answered = 100'000;
  report.sent_bytes = 6'400'000;
  report.received_bytes = 6'400'000;
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    report.latency.record(i % 1000 == 999 ? 2'000'000 : 50'000 + i);
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

}  // namespace weir::tools::load
