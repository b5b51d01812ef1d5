// Whether the datagrams of a source come one at a time, by observation: how it is best to wait for
// them depends on it (uring/uring_lone_datagrams.cpp).
//
//     crowded --16 turns in a row, each with one small datagram--> lone
//     lone --two turns in a row with more than one, or a turn with four, or a large one--> crowded
//
// To change over costs a cancel with two completions, so it takes long to become lone; and little
// to be crowded again, because recvmmsg takes a crowd with one call.
#pragma once

#include <cstddef>
#include <cstdint>

namespace weir::reactor {

class DatagramPace {
 public:
  [[nodiscard]] bool is_lone() const noexcept { return lone_turns_ >= lone_turns_min; }

  /// A turn has received so many messages.
  void count_turn(std::size_t messages, bool has_large) noexcept {
    if (messages == 0) return;
    if (messages > 1 || has_large) return crowd();
    if (!is_lone()) ++lone_turns_;
  }

  /// While lone: one message has come in a turn, which has a number.
  void count_message(std::uint64_t turn, bool is_large) noexcept {
    if (turn != turn_) {
      if (messages_of_turn_ < 2) crowded_turns_ = 0;
      turn_ = turn;
      messages_of_turn_ = 0;
    }
    if (++messages_of_turn_ == 2) ++crowded_turns_;
    if (is_large || messages_of_turn_ >= messages_crowded || crowded_turns_ >= crowded_turns_max) {
      crowd();
    }
  }

  void crowd() noexcept { *this = {}; }

 private:
  static constexpr std::uint8_t lone_turns_min = 16;
  static constexpr std::uint8_t crowded_turns_max = 2;
  static constexpr std::uint8_t messages_crowded = 4;

  std::uint64_t turn_ = 0;
  std::uint8_t lone_turns_ = 0;
  std::uint8_t messages_of_turn_ = 0;
  std::uint8_t crowded_turns_ = 0;
};

}  // namespace weir::reactor
