#include "bench/gates/balance.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "bench/gates/copy_counter.h"
#include "tests/conformance/allocation/new_counter.h"
#include "weir/base/allocate.h"
#include "weir/base/assert.h"
#include "weir/core/shard.h"

namespace weir::gates {
namespace {

/// A loaded machine makes TCP send again what was only late: those do not count.
std::uint64_t segments_of(int fd) noexcept {
  if (fd < 0) return 0;
  tcp_info told{};
  socklen_t length = sizeof told;
  const int result = ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &told, &length);
  WEIR_ASSERT(result == 0);
  return std::uint64_t{told.tcpi_data_segs_out} - told.tcpi_total_retrans;
}

}  // namespace

Balance Balance::now(int fd) noexcept {
  const ShardStats stats = Shard::current().stats();
  return {.system_calls = stats.system_calls,
          .completions = stats.completions,
          .allocations = allocation_count() + test::new_count(),
          .copied_bytes = bytes_copied_here(),
          .segments = segments_of(fd)};
}

Balance operator-(const Balance& later, const Balance& earlier) noexcept {
  return {.system_calls = later.system_calls - earlier.system_calls,
          .completions = later.completions - earlier.completions,
          .allocations = later.allocations - earlier.allocations,
          .copied_bytes = later.copied_bytes - earlier.copied_bytes,
          .segments = later.segments - earlier.segments};
}

}  // namespace weir::gates
