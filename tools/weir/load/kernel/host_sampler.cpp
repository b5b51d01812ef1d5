#include "tools/weir/load/kernel/host_sampler.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/load/kernel/listening_process.h"

namespace weir::tools::load {
namespace {

using std::chrono::nanoseconds;

/// Of a server with more processes the use is only told at the end: a sample has to stay cheap.
constexpr std::size_t sampled_processes_max = 4;
/// What is left at the end counts as a second if it is at least so long.
constexpr Duration second_min = std::chrono::milliseconds(500);

double share_of(Duration part, Duration whole) noexcept {
  if (whole <= Duration()) return 0;
  return std::max(0.0, std::chrono::duration<double>(part) / std::chrono::duration<double>(whole));
}

std::optional<double> steal_between(const std::optional<CpuTimes>& before,
                                    const std::optional<CpuTimes>& after) {
  if (!before || !after) return std::nullopt;
  return steal_share(*before, *after);
}

std::optional<std::chrono::microseconds> read_pressure(const SystemFiles& files) {
  const auto text = files.read("proc/pressure/cpu");
  return text ? parse_pressure(*text) : std::nullopt;
}

}  // namespace

ShardThread ShardThread::current() noexcept {
  ShardThread thread{.tid = ::gettid()};
  (void)::pthread_getcpuclockid(::pthread_self(), &thread.cpu_clock);
  return thread;
}

std::optional<nanoseconds> ShardThread::cpu_time() const noexcept {
  ::timespec time{};
  if (::clock_gettime(cpu_clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + nanoseconds(time.tv_nsec);
}

HostSampler::HostSampler(SystemFiles files, const Target& target, std::vector<ShardThread> shards)
    : files_(std::move(files)), shards_(std::move(shards)), work_(shards_.size()) {
  server_pids_ =
      processes_with(files_, listening_sockets(files_, target.address, target.transport));
  // A server in this process, as in tests, can't be told from the generator.
  std::erase(server_pids_, static_cast<int>(::getpid()));
  shares_cpus_ = find_shared_cpus();
}

std::optional<bool> HostSampler::find_shared_cpus() const {
  CpuMask server;
  for (const int pid : server_pids_) server |= affinity_of_process(files_, pid);
  CpuMask own;
  for (const ShardThread& shard : shards_) {
    own |= affinity_of_thread(files_, fmt::format("proc/self/task/{}", shard.tid));
  }
  if (server.none() || own.none()) return std::nullopt;
  return (server & own).any();
}

std::optional<CpuTimes> HostSampler::read_cpu_times() const {
  const auto text = files_.read("proc/stat");
  return text ? parse_cpu_times(*text) : std::nullopt;
}

/// `nullopt` if one of the processes is gone: what it used is, too.
std::optional<std::uint64_t> HostSampler::read_server_ticks() const {
  if (server_pids_.empty()) return std::nullopt;
  std::uint64_t sum = 0;
  for (const int pid : server_pids_) {
    const auto text = files_.read(fmt::format("proc/{}/stat", pid));
    const auto ticks = text ? parse_process_ticks(*text) : std::nullopt;
    if (!ticks) return std::nullopt;
    sum += *ticks;
  }
  return sum;
}

std::optional<double> HostSampler::server_share(const std::optional<std::uint64_t>& before,
                                                const std::optional<std::uint64_t>& after,
                                                Duration time) const noexcept {
  if (!before || !after || *after < *before || time <= Duration()) return std::nullopt;
  const double seconds =
      static_cast<double>(*after - *before) / static_cast<double>(::sysconf(_SC_CLK_TCK));
  return seconds / std::chrono::duration<double>(time).count();
}

/// Of a thread that has ended, what it was at the sample before.
nanoseconds HostSampler::work_of(std::size_t shard,
                                 std::span<const Duration> polled) const noexcept {
  const auto cpu = shards_[shard].cpu_time();
  if (!cpu) return work_[shard].at_sample;
  return *cpu - (shard < polled.size() ? polled[shard] : Duration());
}

/// Of all shards, of one CPU.
double HostSampler::end_second(Duration length, std::span<const Duration> polled) {
  double sum = 0;
  bool is_busy = false;
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    const nanoseconds work = work_of(shard, polled);
    const double share = share_of(work - work_[shard].at_sample, length);
    work_[shard].at_sample = work;
    is_busy = is_busy || share > busy_share_max;
    sum += share;
  }
  ++seconds_;
  if (is_busy) ++busy_seconds_;
  return sum;
}

void HostSampler::begin(TimePoint now, std::span<const Duration> polled) {
  counters_at_begin_ = read_kernel_counters(files_);
  pressure_at_begin_ = read_pressure(files_);
  cpu_at_begin_ = cpu_at_sample_ = read_cpu_times();
  server_at_begin_ = server_at_sample_ = read_server_ticks();
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    work_[shard].at_begin = work_[shard].at_sample = work_of(shard, polled);
  }
  begin_ = sampled_ = now;
}

HostSecond HostSampler::sample(TimePoint now, std::span<const Duration> polled) {
  const Duration length = now - sampled_;
  HostSecond second;
  second.generator_cpu_share = end_second(length, polled);
  const auto cpu = read_cpu_times();
  second.steal_share = steal_between(cpu_at_sample_, cpu).value_or(0);
  cpu_at_sample_ = cpu;
  if (server_pids_.size() <= sampled_processes_max) {
    const auto server = read_server_ticks();
    second.server_cpu_share = server_share(server_at_sample_, server, length);
    server_at_sample_ = server;
  }
  sampled_ = now;
  return second;
}

HostUse HostSampler::end(TimePoint now, std::span<const Duration> polled) {
  const Duration rest = now - sampled_;
  if (seconds_ == 0 || rest >= second_min) (void)end_second(rest, polled);
  const Duration length = now - begin_;
  HostUse use;
  use.steal_share = steal_between(cpu_at_begin_, read_cpu_times());
  const auto pressure = read_pressure(files_);
  if (pressure_at_begin_ && pressure && length > Duration()) {
    use.cpu_pressure_share = std::min(1.0, share_of(*pressure - *pressure_at_begin_, length));
  }
  for (std::size_t shard = 0; shard < shards_.size(); ++shard) {
    use.shard_busy_shares.push_back(
        share_of(work_of(shard, polled) - work_[shard].at_begin, length));
  }
  use.seconds_busy_share = static_cast<double>(busy_seconds_) / static_cast<double>(seconds_);
  if (!server_pids_.empty()) use.server_pid = server_pids_.front();
  use.server_cpu_share = server_share(server_at_begin_, read_server_ticks(), length);
  use.shares_cpus = shares_cpus_;
  const auto counters = read_kernel_counters(files_);
  use.has_counters = !counters_at_begin_.empty() && !counters.empty();
  use.counters = changes_between(counters_at_begin_, counters);
  return use;
}

}  // namespace weir::tools::load
