#include "relay_report.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <string>

namespace delay_relay {
namespace {

[[gnu::format(printf, 1, 2)]] std::string print(const char* format, ...) {
  std::array<char, 512> text;
  std::va_list arguments;
  va_start(arguments, format);
  const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  return {text.data(), std::min(static_cast<std::size_t>(std::max(length, 0)), text.size() - 1)};
}

/// Packets lost to the two bounds, in both directions.
std::uint64_t dropped_count(const RelayReport& report) {
  return report.counts.to_server.dropped_full + report.counts.to_client.dropped_full +
         report.unread_to_server + report.unread_to_client;
}

LatenessHistogram lateness(const RelayReport& report) {
  LatenessHistogram both = report.counts.to_server.lateness;
  both.add(report.counts.to_client.lateness);
  return both;
}

std::string to_json(const LatenessHistogram& lateness) {
  return print(
      R"({"count": %llu, "p50_us": %.1f, "p99_us": %.1f, "p999_us": %.1f, "max_us": %.1f})",
      static_cast<unsigned long long>(lateness.count()), in_microseconds(lateness.quantile(0.5)),
      in_microseconds(lateness.quantile(0.99)), in_microseconds(lateness.quantile(0.999)),
      in_microseconds(lateness.max()));
}

std::string to_json(const DirectionCounts& counts, std::uint64_t unread) {
  return print(R"({"packets": %llu, "bytes": %llu, "dropped_full": %llu, "dropped_unread": %llu, )"
               R"("refused": %llu, "left_over": %llu, "under_way_max": %zu, "lateness": )",
               static_cast<unsigned long long>(counts.packets),
               static_cast<unsigned long long>(counts.bytes),
               static_cast<unsigned long long>(counts.dropped_full),
               static_cast<unsigned long long>(unread),
               static_cast<unsigned long long>(counts.refused),
               static_cast<unsigned long long>(counts.left_over), counts.under_way_max) +
         to_json(counts.lateness) + "}";
}

}  // namespace

double in_microseconds(weir::Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

weir::Duration lateness_p99(const RelayReport& report) noexcept {
  return std::max(report.counts.to_server.lateness.quantile(0.99),
                  report.counts.to_client.lateness.quantile(0.99));
}

bool is_trusted(const RelayReport& report) noexcept {
  return in_microseconds(lateness_p99(report)) <=
         trusted_lateness_fraction * in_microseconds(report.rtt);
}

std::string to_text(weir::Duration duration) {
  const double us = in_microseconds(duration);
  if (us >= 1e6) return print("%.3g s", us / 1e6);
  if (us >= 1e3) return print("%.3g ms", us / 1e3);
  return print("%.3g us", us);
}

std::string to_text(const RelayReport& report) {
  const LatenessHistogram both = lateness(report);
  std::string text = print(
      "RTT %s: %llu packets to the server, %llu to the client, %llu dropped; "
      "late by p50 %s, p99 %s, max %s",
      to_text(report.rtt).c_str(), static_cast<unsigned long long>(report.counts.to_server.packets),
      static_cast<unsigned long long>(report.counts.to_client.packets),
      static_cast<unsigned long long>(dropped_count(report)), to_text(both.quantile(0.5)).c_str(),
      to_text(both.quantile(0.99)).c_str(), to_text(both.max()).c_str());
  if (!report.is_realtime) text += "; without real-time priority";
  if (!is_trusted(report)) {
    text += print("; NOT TO BE TRUSTED: the p99 of one direction, %s, is over %g %% of the RTT",
                  to_text(lateness_p99(report)).c_str(), 100 * trusted_lateness_fraction);
  }
  return text;
}

std::string to_json(const RelayReport& report) {
  return print(R"({"rtt_us": %.1f, "trusted": %s, "realtime": %s, "cpu_us": %.1f, )"
               R"("lateness_p99_us": %.1f, "to_server": )",
               in_microseconds(report.rtt), is_trusted(report) ? "true" : "false",
               report.is_realtime ? "true" : "false", in_microseconds(report.cpu_time),
               in_microseconds(lateness_p99(report))) +
         to_json(report.counts.to_server, report.unread_to_server) + R"(, "to_client": )" +
         to_json(report.counts.to_client, report.unread_to_client) + "}";
}

}  // namespace delay_relay
