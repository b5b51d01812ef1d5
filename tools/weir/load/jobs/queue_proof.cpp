#include "tools/weir/load/jobs/queue_proof.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "tools/weir/common/welford.h"
#include "tools/weir/load/engine/make_schedule.h"
#include "tools/weir/load/stats/queueing_theory.h"

namespace weir::tools::load {
namespace {

constexpr double service_ns = 1e6;
constexpr double utilisation = 0.7;
constexpr double queue_rate = utilisation * 1e9 / service_ns;
/// More than ever wait, so that all wait in the server.
constexpr std::uint32_t queue_connections = 32;

constexpr std::size_t batches_min = 10;
/// The 99.5 % point of Student's t with 9 degrees of freedom; with more it is smaller.
constexpr double student_995 = 3.250;
/// What a histogram adds to or takes from a mean at most, as a share of it.
constexpr double histogram_error = 0.001;

/// The number after `word`.
double number_after(const std::string& text, std::string_view word) {
  const std::size_t at = text.find(word);
  return at == std::string::npos ? 0 : std::strtod(text.c_str() + at + word.size(), nullptr);
}

}  // namespace

ProofLoad queue_load(const Options& base) {
  Options options = base;
  options.connections = queue_connections;
  return {.service = {"work", "--service-time", "fixed:1ms"},
          .options =
              proof_options(options, Arrival::Kind::poisson, queue_rate, std::chrono::seconds(12))};
}

double computed_mean_wait(const Options& options, double service) {
  auto schedule = make_schedule(options, {});
  if (!schedule) return 0;
  Welford waits;
  double free_at = 0;
  for (auto due = schedule->next(); due; due = schedule->next()) {
    const auto arrival = static_cast<double>(due->time.count());
    const double begin = std::max(arrival, free_at);
    waits.add(begin - arrival);
    free_at = begin + service;
  }
  return waits.mean();
}

std::optional<double> batch_half_width(const std::vector<double>& batches) {
  if (batches.size() < batches_min) return std::nullopt;
  Welford means;
  for (const double mean : batches) means.add(mean);
  return student_995 * means.deviation() / std::sqrt(static_cast<double>(batches.size()));
}

double admitted_excess_ns(const std::string& server_words) {
  const double drawn_us = number_after(server_words, "(drawn ");
  if (drawn_us <= 0) return 0;
  return std::max(0.0, 1e3 * (number_after(server_words, ", service ") - drawn_us));
}

ProofGroup prove_queue(const ProofRun& run, double round_trip_ns) {
  const double response = run.report.latency.response.all().mean();
  const double wait = response - service_ns;
  const double theory = md1_mean_wait({.utilisation = utilisation, .service_time = service_ns});
  const double computed = computed_mean_wait(run.report.options, service_ns);
  const double above = round_trip_ns + admitted_excess_ns(run.server_words);
  const double half_width = batch_half_width(run.second_means_ns).value_or(0);
  const double rounding = histogram_error * response;
  const auto excuse = find_excuse(run.report, ExcusedBy::any_veto);
  ProofGroup group{.title = "One worker, 1 ms a request, Poisson arrivals at 70 % load (M/D/1)"};
  group.proofs.push_back(
      judge({.name = "mean wait, by theory",
             .value = wait,
             .limits = {.low = theory - half_width - rounding,
                        .high = theory + half_width + rounding + above},
             .unit = "ns",
             .text = "theory (" + proof_figure(theory, "ns") + ") is within the run's interval"},
            excuse));
  group.proofs.push_back(
      judge({.name = "mean wait, computed",
             .value = wait,
             .limits = {.low = computed - rounding, .high = computed + rounding + above},
             .unit = "ns",
             .text = "what this very schedule makes (" + proof_figure(computed, "ns") +
                     "), and a round trip"},
            excuse));
  return group;
}

}  // namespace weir::tools::load
