// What is noted of streams that somebody watches: when they were active last, for idle timeouts,
// and what Nagle's algorithm costs them (WriteWriteRead). Off the path of all others.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string>

#include "net/stream_state.h"
#include "weir/core/runtime.h"

namespace weir::detail {

void StreamState::note_nodelay(Switch nodelay) noexcept {
  nagle_watched_ = nodelay == Switch::off;
  exchange_.note_answer();               // what was written before was written under the other rule
  if (nagle_watched_) watch_activity();  // and for good: an idle timeout may rely on it as well
}

/// Never back: a send may have noted a later time than the turn's.
void StreamState::note_watched_activity() noexcept {
  last_activity_ = std::max(last_activity_, shard().turn_time());
}

/// \param brought_bytes  not the end of the stream, or of a request
void StreamState::note_watched_arrival(bool brought_bytes) noexcept {
  if (nagle_watched_ && brought_bytes) judge_answer();
  note_watched_activity();
}

/// For Nagle's algorithm by the clock: the turn's time may be from before a long computation, and
/// that would pass for a wait for the peer.
void StreamState::note_watched_send() noexcept {
  note_watched_activity();
  if (!nagle_watched_) return;
  exchange_.note_write(out_queue_.size());
  last_activity_ = Clock::now();
}

/// Only for who waited for what came: a peer may also have something to say by itself.
void StreamState::judge_answer() noexcept {
  const bool waited =
      reader_ != nullptr && exchange_.is_suspect(shard().turn_time() - last_activity_);
  if (waited && was_held()) {
    exchange_.note_counted();
    shard().count_nagle_stall();
    tell_of_stall();
  }
  exchange_.note_answer();
}

/// Costs system calls, but one in 30 ms of waiting at the most, and none once it was true.
bool StreamState::was_held() const noexcept {
  tcp_info kernel{};
  socklen_t length = sizeof kernel;
  if (::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &kernel, &length) != 0) return false;
  const SendEvidence evidence{
      .segment_bytes_max = kernel.tcpi_snd_mss,
      .since_last_sent = std::chrono::milliseconds(kernel.tcpi_last_data_sent),
      .segments_retransmitted = kernel.tcpi_total_retrans};
  if (!exchange_.is_proven(Clock::now() - last_activity_, evidence)) return false;
  // A cork holds back longer, and TCP_NODELAY is no remedy for it.
  int corked = 0;
  length = sizeof corked;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_CORK, &corked, &length) == 0 && corked == 0;
}

/// The first of a run only: the others would say the same.
void StreamState::tell_of_stall() const noexcept {
  Runtime& runtime = shard().runtime();
  const LogSink& log = runtime.options().log;
  if (log.write == nullptr || !runtime.claim_nagle_line()) return;
  const auto wait =
      std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - last_activity_);
  const Result<Address> peer = peer_address();
  std::string line = "weir: the answer of ";
  line += peer ? peer->to_string() : "a peer";
  line += " came after " + std::to_string(wait.count());
  line +=
      " ms, because Nagle's algorithm held the second of two small writes back until the first was "
      "acknowledged; queue both in one turn, or write them as one, or set_nodelay(Switch::on) (the "
      "default): see docs/nagle.md. Further connections are only counted "
      "(ShardStats::nagle_stalls)";
  log(Severity::warning, line);
}

}  // namespace weir::detail
