// Settings of the network stack, all below /proc/sys/net.
#include <array>
#include <optional>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/doctor/limit_checks.h"

namespace weir::tools::doctor {
namespace {

// The kernel's own default since Linux 5.4.
constexpr std::uint64_t somaxconn_wanted = 4096;
// 208 KiB, the usual default, holds about 90 full-sized datagrams in the kernel's accounting.
constexpr std::uint64_t socket_buffer_wanted = std::uint64_t{1} << 20;
constexpr std::uint64_t socket_buffer_remedy = std::uint64_t{4} << 20;
// A window of 4 MiB fills 1 Gbit/s over 32 ms. The kernel's defaults are 6 and 4 MiB.
constexpr std::uint64_t tcp_window_wanted = std::uint64_t{4} << 20;
// The default range, 32768 to 60999, has 28 232.
constexpr std::uint64_t ports_wanted = 20'000;

std::string path_of(std::string_view sysctl) {
  std::string path = "proc/sys/";
  for (const char c : sysctl) path += c == '.' ? '/' : c;
  return path;
}

std::string set_command(std::string_view sysctl, std::string_view value) {
  const bool quoted = value.find(' ') != std::string_view::npos;
  return quoted ? fmt::format("sudo sysctl -w {}=\"{}\"", sysctl, value)
                : fmt::format("sudo sysctl -w {}={}", sysctl, value);
}

template <std::size_t N>
std::optional<std::array<std::uint64_t, N>> read_numbers(const SystemFiles& files,
                                                         std::string_view sysctl) {
  const auto line = files.read_line(path_of(sysctl));
  if (!line) return std::nullopt;
  std::istringstream words(*line);
  std::array<std::uint64_t, N> numbers{};
  for (std::uint64_t& number : numbers) {
    if (!(words >> number)) return std::nullopt;
  }
  return numbers;
}

LimitFinding examine_somaxconn(const SystemFiles& files) {
  constexpr std::string_view name = "net.core.somaxconn";
  const auto value = read_numbers<1>(files, name);
  if (!value) return unknown_limit(name, path_of(name));
  LimitFinding finding{.name = std::string(name),
                       .value = format_count(value->front()),
                       .verdict = Verdict::ok,
                       .reason = "connections that may wait to be accepted"};
  if (value->front() >= somaxconn_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "of a burst of connects, those beyond it wait a second for a retry";
  finding.remedy = set_command(name, fmt::format("{}", somaxconn_wanted));
  return finding;
}

struct BufferSetting {
  std::string_view sysctl;
  std::string_view option;
  std::string_view when_small;
};

LimitFinding examine_buffer_max(const SystemFiles& files, const BufferSetting& setting) {
  const auto value = read_numbers<1>(files, setting.sysctl);
  if (!value) return unknown_limit(setting.sysctl, path_of(setting.sysctl));
  LimitFinding finding{.name = std::string(setting.sysctl),
                       .value = format_byte_size(static_cast<double>(value->front())),
                       .verdict = Verdict::ok,
                       .reason = fmt::format("the most that {} gives; TCP grows by itself up to "
                                             "tcp_rmem and tcp_wmem",
                                             setting.option)};
  if (value->front() >= socket_buffer_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = std::string(setting.when_small);
  finding.remedy = set_command(setting.sysctl, fmt::format("{}", socket_buffer_remedy));
  return finding;
}

LimitFinding examine_tcp_window(const SystemFiles& files, std::string_view sysctl) {
  const auto value = read_numbers<3>(files, sysctl);
  if (!value) return unknown_limit(sysctl, path_of(sysctl));
  const auto [least, start, most] = *value;
  LimitFinding finding{
      .name = std::string(sysctl),
      .value = fmt::format("{} to {}", format_byte_size(static_cast<double>(start)),
                           format_byte_size(static_cast<double>(most))),
      .verdict = Verdict::ok,
      .reason = "what a TCP connection buffers: at its start, and grown"};
  if (most >= tcp_window_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason = "one connection over a long distance cannot fill the line";
  finding.remedy = set_command(sysctl, fmt::format("{} {} {}", least, start, tcp_window_wanted));
  return finding;
}

LimitFinding examine_ports(const SystemFiles& files) {
  constexpr std::string_view name = "net.ipv4.ip_local_port_range";
  const auto value = read_numbers<2>(files, name);
  if (!value || value->front() > value->back()) return unknown_limit(name, path_of(name));
  const std::uint64_t ports = value->back() - value->front() + 1;
  LimitFinding finding{.name = std::string(name),
                       .value = fmt::format("{} to {}", value->front(), value->back()),
                       .verdict = Verdict::ok,
                       .reason = fmt::format("{} connections from here to one address and port",
                                             format_count(ports))};
  if (ports >= ports_wanted) return finding;
  finding.verdict = Verdict::will_hurt;
  finding.reason =
      fmt::format("only {} connections from here to one address and port", format_count(ports));
  finding.remedy = set_command(name, "1024 65535");
  return finding;
}

LimitFinding examine_congestion_control(const SystemFiles& files) {
  constexpr std::string_view name = "net.ipv4.tcp_congestion_control";
  const auto value = files.read_line(path_of(name));
  if (!value || value->empty()) return unknown_limit(name, path_of(name));
  const bool paces = value->starts_with("bbr");
  return {.name = std::string(name),
          .value = *value,
          .verdict = Verdict::ok,
          .reason = paces ? "paces what it sends: made for real networks, costs CPU on loopback"
                          : "how TCP finds its speed"};
}

}  // namespace

std::vector<LimitFinding> examine_network(const SystemFiles& files) {
  return {
      examine_somaxconn(files),
      examine_buffer_max(files, {.sysctl = "net.core.rmem_max",
                                 .option = "SO_RCVBUF",
                                 .when_small = "bursts of datagrams that do not fit are dropped"}),
      examine_buffer_max(files, {.sysctl = "net.core.wmem_max",
                                 .option = "SO_SNDBUF",
                                 .when_small = "few datagrams can be queued for sending at once"}),
      examine_tcp_window(files, "net.ipv4.tcp_rmem"),
      examine_tcp_window(files, "net.ipv4.tcp_wmem"),
      examine_ports(files),
      examine_congestion_control(files),
  };
}

}  // namespace weir::tools::doctor
