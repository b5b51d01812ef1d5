// One run of a scenario: what its two ends share.
#pragma once

#include <optional>
#include <thread>
#include <vector>

#include "bench/gates/crowd.h"
#include "bench/gates/ledger.h"
#include "bench/gates/peer_socket.h"
#include "bench/gates/scenario.h"
#include "bench/gates/sleeping_thread.h"
#include "weir/base/result.h"
#include "weir/net/address.h"

namespace weir::gates {

class Course {
 public:
  explicit Course(const Scenario& scenario) noexcept
      : scenario_(scenario), ledger_(scenario.round_bytes()) {}
  Course(const Course&) = delete;
  Course& operator=(const Course&) = delete;
  /// Waits for the peer.
  ~Course();

  [[nodiscard]] const Scenario& scenario() const noexcept { return scenario_; }

  /// \name The server's, on its shard.
  /// @{
  [[nodiscard]] Ledger& ledger() noexcept { return ledger_; }
  /// Starts the peer, which drains the runtime when it has asked everything or failed.
  [[nodiscard]] Result<void> begin_asking(const Address& server);
  /// Waits for the peer. \returns what it ended with
  [[nodiscard]] Result<void> finish_asking();
  /// @}

  /// \name The peer's.
  /// @{
  [[nodiscard]] const Address& server() const noexcept { return server_; }
  [[nodiscard]] Result<void> wait_for_sleep() const { return shard_->wait(); }
  /// One round each over its socket, `warm_up_rounds + counted_rounds` and the one that closes the
  /// balance. EBADMSG if what comes back is not what was sent.
  [[nodiscard]] Result<void> ask_rounds(const PeerSocket& socket,
                                        std::span<const std::byte> round) const;
  /// @}

  /// Both ends'.
  [[nodiscard]] Crowd& crowd() noexcept { return crowd_; }

 private:
  const Scenario& scenario_;
  Ledger ledger_;
  Crowd crowd_;
  Address server_;
  std::optional<SleepingThread> shard_;
  Result<void> asked_ = fail(Error::closed);
  std::thread peer_;
};

inline constexpr std::uint64_t asked_rounds = warm_up_rounds + counted_rounds + 1;

}  // namespace weir::gates
