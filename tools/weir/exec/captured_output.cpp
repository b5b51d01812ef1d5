#include "tools/weir/exec/captured_output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <utility>

namespace weir::tools::exec {
namespace {

/// Most commands say little. Those that do not get what a pipe holds by default (pipe(7)).
constexpr std::size_t first_block_bytes = std::size_t{4} << 10;
constexpr std::size_t next_block_bytes = std::size_t{64} << 10;

}  // namespace

void CapturedOutput::open_block() {
  block_ = Buffer::uninitialized(bytes_.empty() ? first_block_bytes : next_block_bytes);
  used_bytes_ = 0;
}

Result<CapturedOutput::State> CapturedOutput::read_from(int pipe_fd, OutputBudget& budget) {
  for (std::size_t read_bytes = 0; read_bytes < bytes_a_call_max;) {
    std::byte beyond_budget{};
    std::span<std::byte> room(&beyond_budget, 1);
    const bool is_spent = budget.bytes_left == 0;
    if (!is_spent) {
      if (used_bytes_ == block_.size()) open_block();
      room = block_.writable().subspan(used_bytes_);
      room = room.first(std::min(room.size(), budget.bytes_left));
    }
    const ssize_t result = ::read(pipe_fd, room.data(), room.size());
    if (result < 0 && errno == EINTR) continue;
    if (result < 0 && errno == EAGAIN) return State::waiting;
    if (result < 0) return fail_errno(errno);
    if (result == 0) return State::ended;
    if (is_spent) {
      budget.is_exceeded = true;
      return State::exceeded;
    }
    const auto bytes = static_cast<std::size_t>(result);
    if (!bytes_.try_extend(*block_.slab(), block_.offset() + used_bytes_, bytes)) {
      bytes_.append(block_.slice(used_bytes_, bytes));
    }
    used_bytes_ += bytes;
    read_bytes += bytes;
    budget.bytes_left -= bytes;
  }
  return State::more;
}

Chain CapturedOutput::take() noexcept {
  block_ = {};
  used_bytes_ = 0;
  return std::exchange(bytes_, {});
}

}  // namespace weir::tools::exec
