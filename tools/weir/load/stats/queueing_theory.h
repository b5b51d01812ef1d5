// What queueing theory says of one server with one queue: the known answers that measured waiting
// times are checked against. Arrivals are a Poisson process, the queue is unbounded and first come,
// first served.
//
//     M/M/1   exponential service times     M/D/1   fixed ones     M/G/1   any, by their CV
//
// Waiting time is that in the queue; sojourn time includes the service. All are in the unit of
// `service_time`. Percentiles are from 0 to below 100.
#pragma once

namespace weir::tools::load {

struct Queue {
  double utilisation;   ///< arrival rate * mean service time: from 0 to below 1
  double service_time;  ///< its mean; above 0
};

/// Pollaczek and Khinchine's formula.
///
/// \param service_cv  the service time's coefficient of variation: 1 if exponential, 0 if fixed
[[nodiscard]] double mg1_mean_wait(const Queue& queue, double service_cv);

[[nodiscard]] double mm1_mean_wait(const Queue& queue);
[[nodiscard]] double mm1_wait_percentile(const Queue& queue, double percentile);
[[nodiscard]] double mm1_sojourn_percentile(const Queue& queue, double percentile);

[[nodiscard]] double md1_mean_wait(const Queue& queue);
/// The probability of waiting no longer than `wait`. Erlang's series for it alternates, and from
/// 30 service times on it has no right digit left; this one adds positive numbers only.
[[nodiscard]] double md1_wait_probability(const Queue& queue, double wait);
/// Tested up to a utilisation of 0.99; the time it takes grows with the square of the answer.
[[nodiscard]] double md1_wait_percentile(const Queue& queue, double percentile);

}  // namespace weir::tools::load
