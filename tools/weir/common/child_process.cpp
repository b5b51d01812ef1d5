#include "tools/weir/common/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

#include <fmt/format.h>

extern char** environ;

namespace weir::tools {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

int left_ms(steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1 << 30));
}

}  // namespace

std::expected<ChildProcess, std::string> ChildProcess::start(
    const std::string& program, const std::vector<std::string>& words) {
  // A socket takes what is written to a process that has ended without a SIGPIPE (MSG_NOSIGNAL).
  std::array<int, 2> input{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, input.data()) != 0) {
    return std::unexpected(fmt::format("cannot make a socket pair: {}", std::strerror(errno)));
  }
  std::array<int, 2> output{};
  if (::pipe2(output.data(), O_CLOEXEC) != 0) {
    const int error = errno;
    for (const int fd : input) ::close(fd);
    return std::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(error)));
  }
  std::vector<std::string> copies = words;
  std::vector<char*> arguments;
  arguments.reserve(copies.size() + 1);
  for (std::string& word : copies) arguments.push_back(word.data());
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input[1], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  pid_t pid = 0;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(input[1]);
  ::close(output[1]);
  if (error != 0) {
    ::close(input[0]);
    ::close(output[0]);
    return std::unexpected(fmt::format("cannot start {}: {}", program, std::strerror(error)));
  }
  return ChildProcess(pid, input[0], output[0]);
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)),
      input_fd_(std::exchange(other.input_fd_, -1)),
      output_fd_(std::exchange(other.output_fd_, -1)),
      unread_(std::move(other.unread_)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  close_input();
  if (output_fd_ >= 0) ::close(output_fd_);
}

bool ChildProcess::read_more(steady_clock::time_point deadline) {
  if (unread_.size() >= unread_bytes_max) return false;
  for (;;) {
    pollfd readable{.fd = output_fd_, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&readable, 1, left_ms(deadline));
    if (ready < 0 && errno == EINTR) continue;
    if (ready <= 0) return false;
    std::array<char, 4096> buffer{};
    const ssize_t bytes = ::read(output_fd_, buffer.data(), buffer.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    unread_.append(buffer.data(), static_cast<std::size_t>(bytes));
    return true;
  }
}

std::optional<std::string> ChildProcess::read_line(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    const std::size_t end = unread_.find('\n');
    if (end != std::string::npos) {
      std::string line = unread_.substr(0, end);
      unread_.erase(0, end + 1);
      return line;
    }
    if (!read_more(deadline)) return std::nullopt;
  }
}

std::string ChildProcess::read_rest(milliseconds patience) {
  while (read_more(steady_clock::now() + patience)) {
  }
  return std::exchange(unread_, {});
}

bool ChildProcess::write(std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t bytes = ::send(input_fd_, text.data(), text.size(), MSG_NOSIGNAL);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(bytes));
  }
  return true;
}

void ChildProcess::close_input() noexcept {
  if (input_fd_ >= 0) ::close(std::exchange(input_fd_, -1));
}

void ChildProcess::send(int signal) const noexcept {
  if (pid_ > 0) ::kill(pid_, signal);
}

std::optional<ChildProcess::End> ChildProcess::wait(milliseconds patience) {
  const auto deadline = steady_clock::now() + patience;
  for (;;) {
    int status = 0;
    End end;
    const pid_t ended = ::wait4(pid_, &status, WNOHANG, &end.used);
    if (ended == pid_) {
      pid_ = 0;
      end.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
      return end;
    }
    if (ended < 0 && errno != EINTR) return std::nullopt;
    if (steady_clock::now() >= deadline) return std::nullopt;
    std::this_thread::sleep_for(milliseconds(2));
  }
}

}  // namespace weir::tools
