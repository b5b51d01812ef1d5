// What a child writes to its two pipes, kept in memory up to a limit that both share.
#pragma once

#include <cstddef>
#include <cstdint>

#include "weir/base/buffer.h"
#include "weir/base/chain.h"
#include "weir/base/result.h"

namespace weir::tools::exec {

/// Bytes that may still be kept, and whether there were more.
struct OutputBudget {
  std::size_t bytes_left;
  bool is_exceeded = false;
};

/// One pipe's part. The memory grows with what arrives, in blocks on the heap.
class CapturedOutput {
 public:
  enum class State : std::uint8_t {
    waiting,   ///< all that was there has been read; more may come
    more,      ///< enough for one turn has been read
    ended,     ///< nobody can write to the pipe any more
    exceeded,  ///< the budget is spent and there is more
  };

  /// What one `read_from` reads: a child that writes all the time must not keep the shard from the
  /// others.
  static constexpr std::size_t bytes_a_call_max = std::size_t{256} << 10;

  /// Reads what is there, without blocking. A byte beyond the budget is read, noted and dropped.
  /// Errors: read(2)'s.
  [[nodiscard]] Result<State> read_from(int pipe_fd, OutputBudget& budget);

  [[nodiscard]] std::size_t size() const noexcept { return bytes_.size(); }
  [[nodiscard]] Chain take() noexcept;

 private:
  void open_block();

  Chain bytes_;
  Buffer block_;  ///< where the next bytes go
  std::size_t used_bytes_ = 0;
};

}  // namespace weir::tools::exec
