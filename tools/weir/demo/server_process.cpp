#include "tools/weir/demo/server_process.h"

#include <signal.h>

#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"

namespace weir::tools::demo {
namespace {

/// How long a server may take to print its next line, and to end.
constexpr std::chrono::seconds patience{10};

std::chrono::nanoseconds to_duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

/// The number before " system calls" in a server's summary.
std::optional<std::uint64_t> system_calls_of(const std::string& summary) {
  const std::size_t end = summary.find(" system calls");
  if (end == std::string::npos) return std::nullopt;
  const std::size_t begin = summary.find_last_of(' ', end - 1) + 1;
  return parse_number(std::string_view(summary).substr(begin, end - begin));
}

}  // namespace

std::expected<ServerProcess, std::string> ServerProcess::start(Backend backend, int cpu) {
  std::vector<std::string> service = {"echo", "--backend", std::string(to_string(backend))};
  if (cpu >= 0) service.insert(service.end(), {"--cpus", std::to_string(cpu)});
  return start(service);
}

std::expected<ServerProcess, std::string> ServerProcess::start(
    const std::vector<std::string>& service) {
  std::vector<std::string> words = {"weir", "serve"};
  words.insert(words.end(), service.begin(), service.end());
  words.insert(words.end(), {"--listen", "127.0.0.1:0"});
  auto process = ChildProcess::start("/proc/self/exe", words);
  if (!process) return std::unexpected(process.error());
  const std::optional<std::string> ready = process->read_line(patience);
  if (!ready || !ready->starts_with("READY ")) {
    return std::unexpected("the server did not start; what it printed above says why");
  }
  const Result<Address> address = Address::parse(std::string_view(*ready).substr(6));
  if (!address) return std::unexpected(fmt::format("the server said \"{}\"", *ready));
  return ServerProcess(std::move(*process), *address);
}

std::expected<ServerUsage, std::string> ServerProcess::stop() {
  process_.send(SIGINT);
  ServerUsage usage;
  while (const std::optional<std::string> line = process_.read_line(patience)) {
    if (const auto calls = system_calls_of(*line)) usage.system_calls = calls;
    usage.words += *line + '\n';
  }
  // Its output has ended, so it is about to end; if it hangs instead it is ended by force.
  const auto end = process_.wait(std::chrono::milliseconds(500));
  if (!end) return std::unexpected("the server did not end when it was asked to");
  if (end->exit_code != 0) return std::unexpected("the server ended with an error");
  usage.cpu_time = to_duration(end->used.ru_utime) + to_duration(end->used.ru_stime);
  return usage;
}

}  // namespace weir::tools::demo
