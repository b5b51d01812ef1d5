// A script of datagrams, the same for each seed: who sends what to whom, with which ECN mark.
//
//     round   what is sent before the receivers have their turn: a few bursts
//     burst   what one sender hands over in one call: a run of one size, a train, or a mixture
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/support/udp_fixture.h"

namespace weir::test {

/// Servers 0 and 1 speak IPv4, server 2 IPv6; senders 0 and 1 IPv4, 2 and 3 IPv6.
struct DatagramScript {
  static constexpr unsigned servers = 3;
  static constexpr unsigned senders = 4;

  struct Item {
    unsigned server;
    std::size_t size;
    Ecn ecn;
    unsigned number;  ///< tells its payload

    [[nodiscard]] std::string payload() const { return pattern(size, number); }
  };
  struct Burst {
    unsigned sender;
    bool is_train;  ///< handed over as one entry with a segment size
    std::vector<Item> items;
  };
  using Round = std::vector<Burst>;

  std::vector<Round> rounds;
};

/// Draws scripts.
class DatagramScriptWriter {
 public:
  explicit DatagramScriptWriter(std::uint64_t seed) : random_(seed) {}

  [[nodiscard]] DatagramScript write(std::size_t rounds) {
    DatagramScript script;
    for (std::size_t i = 0; i < rounds; ++i) {
      DatagramScript::Round round;
      const std::size_t bursts = 1 + below(3);
      for (std::size_t burst = 0; burst < bursts; ++burst) round.push_back(draw_burst());
      script.rounds.push_back(std::move(round));
    }
    return script;
  }

 private:
  [[nodiscard]] std::size_t below(std::size_t limit) { return random_() % limit; }
  [[nodiscard]] Ecn draw_ecn() { return static_cast<Ecn>(below(4)); }

  [[nodiscard]] std::size_t draw_size() {
    constexpr std::array<std::size_t, 10> edges{0,    1,    512,  513,  1472,
                                                2047, 2048, 2049, 9000, 65507};
    switch (below(8)) {
      case 0:
        return 0;
      case 1:
        return edges[below(edges.size())];
      case 2:
        return below(10000);
      case 3:
        return below(10) == 0 ? below(65508) : below(2000);
      default:
        return below(200);
    }
  }

  [[nodiscard]] DatagramScript::Burst draw_burst() {
    DatagramScript::Burst burst{.sender = static_cast<unsigned>(below(DatagramScript::senders)),
                                .is_train = false,
                                .items = {}};
    if (below(2) == 0) {
      mix(burst);
    } else {
      run(burst);
    }
    return burst;
  }

  [[nodiscard]] unsigned draw_server(unsigned sender) {
    return sender < 2 ? static_cast<unsigned>(below(2)) : 2U;
  }

  void mix(DatagramScript::Burst& burst) {
    const std::size_t count = 1 + below(20);
    for (std::size_t i = 0; i < count; ++i) {
      burst.items.push_back({.server = draw_server(burst.sender),
                             .size = draw_size(),
                             .ecn = draw_ecn(),
                             .number = next_++});
    }
  }

  /// Of one size, to one server; the last is shorter now and then.
  void run(DatagramScript::Burst& burst) {
    constexpr std::array<std::size_t, 6> sizes{1, 64, 500, 1200, 1472, 4000};
    const std::size_t size = sizes[below(sizes.size())];
    const std::size_t count = std::min<std::size_t>(2 + below(150), 200'000 / size);
    const unsigned server = draw_server(burst.sender);
    const Ecn ecn = draw_ecn();
    for (std::size_t i = 0; i < count; ++i) {
      burst.items.push_back({.server = server, .size = size, .ecn = ecn, .number = next_++});
    }
    if (below(2) == 0) burst.items.back().size = 1 + below(size);
    burst.is_train = below(2) == 0;
  }

  std::mt19937_64 random_;
  unsigned next_ = 0;
};

}  // namespace weir::test
