// The times of the requests of an interval or a run, each its own distribution, in ns.
//
//     due            free              sent                        answered
//      |--- wait -----|--- send lag ----|--------- service ----------|
//      |------------------------- response -------------------------|
//
//     due    when the schedule wanted it sent; a closed loop has none
//     free   when a connection had room for it: what comes before is the server's doing, or that of
//            too few connections
//     sent   when it was handed to the runtime, whose turn ends with its send: what is between is
//            the generator's own lateness
#pragma once

#include "tools/weir/load/stats/censored_histogram.h"
#include "tools/weir/load/stats/histogram.h"

namespace weir::tools::load {

struct LatencySet {
  CensoredHistogram response;  ///< due to answered; empty in a closed loop
  CensoredHistogram service;   ///< sent to answered
  Histogram send_lag;          ///< empty in a closed loop
  Histogram connection_wait;   ///< those that did not wait count as 0; empty in a closed loop
  Histogram connect;           ///< each connection that was made
  Histogram kernel_rtt;        ///< sampled, between kernel timestamps of sending and receiving

  void merge(const LatencySet& other) noexcept {
    response.merge(other.response);
    service.merge(other.service);
    send_lag.merge(other.send_lag);
    connection_wait.merge(other.connection_wait);
    connect.merge(other.connect);
    kernel_rtt.merge(other.kernel_rtt);
  }
  void reset() noexcept {
    response.reset();
    service.reset();
    send_lag.reset();
    connection_wait.reset();
    connect.reset();
    kernel_rtt.reset();
  }

  /// What a person asks for first: the response time, in a closed loop the service time.
  [[nodiscard]] const CensoredHistogram& primary() const noexcept {
    return response.empty() ? service : response;
  }
};

}  // namespace weir::tools::load
