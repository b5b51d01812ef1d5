#include "tools/weir/demo/server_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/system_files.h"

extern char** environ;

namespace weir::tools::demo {
namespace {

/// How long a server may take to print its next line, and to end.
constexpr int patience_ms = 10'000;

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
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    return std::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  std::vector<std::string> words = {"weir", "serve"};
  words.insert(words.end(), service.begin(), service.end());
  words.insert(words.end(), {"--listen", "127.0.0.1:0"});
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(output[1]);
  if (error != 0) {
    ::close(output[0]);
    return std::unexpected(fmt::format("cannot start a server: {}", std::strerror(error)));
  }

  ServerProcess server(pid, output[0]);
  const std::optional<std::string> ready = server.read_line();
  if (!ready || !ready->starts_with("READY ")) {
    return std::unexpected("the server did not start; what it printed above says why");
  }
  const Result<Address> address = Address::parse(std::string_view(*ready).substr(6));
  if (!address) return std::unexpected(fmt::format("the server said \"{}\"", *ready));
  server.address_ = *address;
  return server;
}

ServerProcess::ServerProcess(ServerProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      unread_(std::move(other.unread_)),
      address_(other.address_) {}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  if (output_fd_ >= 0) ::close(output_fd_);
}

/// `nullopt` at the end of the output, or if nothing comes for too long.
std::optional<std::string> ServerProcess::read_line() {
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    pollfd readable{.fd = output_fd_, .events = POLLIN, .revents = 0};
    if (::poll(&readable, 1, patience_ms) <= 0) return std::nullopt;
    std::array<char, 4096> buffer{};
    const ssize_t bytes = ::read(output_fd_, buffer.data(), buffer.size());
    if (bytes <= 0) return std::nullopt;
    unread_.append(buffer.data(), static_cast<std::size_t>(bytes));
  }
}

std::expected<ServerUsage, std::string> ServerProcess::stop() {
  ::kill(pid_, SIGINT);
  ServerUsage usage;
  while (const std::optional<std::string> line = read_line()) {
    if (const auto calls = system_calls_of(*line)) usage.system_calls = calls;
    usage.words += *line + '\n';
  }
  int status = 0;
  rusage used{};
  if (::wait4(pid_, &status, WNOHANG, &used) == 0) {
    // Its output has ended, so it is about to end; if it hangs instead it is ended by force.
    ::usleep(200'000);
    if (::wait4(pid_, &status, WNOHANG, &used) == 0) {
      return std::unexpected("the server did not end when it was asked to");
    }
  }
  pid_ = -1;
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    return std::unexpected("the server ended with an error");
  }
  usage.cpu_time = to_duration(used.ru_utime) + to_duration(used.ru_stime);
  return usage;
}

}  // namespace weir::tools::demo
