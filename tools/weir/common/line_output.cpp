#include "tools/weir/common/line_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>

#include "weir/base/assert.h"

namespace weir::tools {

namespace {

/// Keeps the SIGPIPE of this thread's writes from ending the process, without changing what the
/// process does with signals: it blocks the signal, and takes back one that its writes raised.
class PipeSignalBlock {
 public:
  PipeSignalBlock() noexcept {
    ::sigemptyset(&pipe_);
    ::sigaddset(&pipe_, SIGPIPE);
    sigset_t pending;
    ::sigpending(&pending);
    was_pending_ = ::sigismember(&pending, SIGPIPE) == 1;
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~PipeSignalBlock() {
    constexpr timespec at_once{};
    if (!was_pending_) ::sigtimedwait(&pipe_, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  PipeSignalBlock(const PipeSignalBlock&) = delete;
  PipeSignalBlock& operator=(const PipeSignalBlock&) = delete;

 private:
  sigset_t pipe_{};
  sigset_t before_{};
  bool was_pending_ = false;
};

/// The bytes written before an error, and that error's errno, or 0.
struct WriteEnd {
  std::size_t written_bytes = 0;
  int positive_errno = 0;
};

WriteEnd write_all(int fd, std::string_view bytes) noexcept {
  const PipeSignalBlock block;
  WriteEnd end;
  while (end.written_bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(end.written_bytes);
    const ssize_t written = ::write(fd, rest.data(), rest.size());
    if (written >= 0) {
      end.written_bytes += static_cast<std::size_t>(written);
    } else if (errno != EINTR) {
      end.positive_errno = errno;
      break;
    }
  }
  return end;
}

/// Takes back part of a line, where the file is one that can be cut.
void cut_back(int fd, std::size_t bytes) noexcept {
  const off_t end = ::lseek(fd, 0, SEEK_CUR);
  if (end < static_cast<off_t>(bytes)) return;
  const off_t kept = end - static_cast<off_t>(bytes);
  // If that fails as well the torn line stays, and readers report it.
  if (::ftruncate(fd, kept) == 0) ::lseek(fd, kept, SEEK_SET);
}

}  // namespace

Result<LineOutput> LineOutput::create(const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return fail_errno(errno);
  return LineOutput(fd);
}

LineOutput::~LineOutput() {
  if (fd_ >= 0) ::close(fd_);
}

LineOutput& LineOutput::operator=(LineOutput&& other) noexcept {
  if (this == &other) return *this;
  if (fd_ >= 0) ::close(fd_);
  fd_ = std::exchange(other.fd_, -1);
  is_broken_ = other.is_broken_;
  return *this;
}

Result<> LineOutput::write(std::string_view lines) {
  if (is_broken_) return {};
  WEIR_ASSERT(fd_ >= 0);
  const WriteEnd end = write_all(fd_, lines);
  if (end.positive_errno == 0) return {};
  is_broken_ = true;
  const auto last_whole = lines.substr(0, end.written_bytes).rfind('\n');
  const std::size_t whole_bytes = last_whole == std::string_view::npos ? 0 : last_whole + 1;
  cut_back(fd_, end.written_bytes - whole_bytes);
  return fail_errno(end.positive_errno);
}

Result<> LineOutput::close() {
  if (fd_ < 0) return {};
  const bool was_broken = is_broken_;
  // After EINTR Linux has closed the descriptor all the same.
  const int result = ::close(std::exchange(fd_, -1));
  is_broken_ = true;
  if (result == 0 || was_broken || errno == EINTR) return {};
  return fail_errno(errno);
}

}  // namespace weir::tools
