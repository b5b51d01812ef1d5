// One peer that floods takes nothing from the others, on each backend.
#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "tests/support/numbered_stream.h"
#include "tests/support/reactor_test.h"

namespace weir::test {
namespace {

using End = reactor::ReceiveSource::End;

struct Connection {
  explicit Connection(ReactorDriver& driver)
      : pair(driver.reactor(), PairKind::unix_socket), source(driver, pair.ours.descriptor()) {
    source.on_run = [this, &driver] {
      received += source.inbox.size();
      source.inbox.clear();
      if (source.end == End::full) driver.reactor().start(source);
    };
    driver.reactor().start(source);
  }
  StreamPair pair;
  TestReceiveSource source;
  std::size_t received = 0;
};

class FairnessTest : public ReactorTest {};
INSTANTIATE_TEST_SUITE_P(Backends, FairnessTest, each_backend(), backend_name);

TEST_P(FairnessTest, FloodStarvesNobody) {
  Connection flooder(driver());
  std::vector<std::unique_ptr<Connection>> others;
  for (int i = 0; i < 63; ++i) others.push_back(std::make_unique<Connection>(driver()));
  const std::vector<std::byte> flood(std::size_t{1} << 20);
  driver().turns(3);

  std::size_t flooded = 0;
  for (std::size_t round = 1; round <= 100; ++round) {
    while (const std::size_t taken = flooder.pair.theirs.send(flood)) flooded += taken;
    for (auto& other : others) other->pair.theirs.send("hello");

    // Not one: a ring hands over no more than 20 completions at a time.
    constexpr int turns_max = 8;
    const auto is_served = [&](const auto& other) { return other->received == round * 5; };
    for (int turn = 0; turn < turns_max && !std::ranges::all_of(others, is_served); ++turn) {
      driver().turn();
    }

    ASSERT_TRUE(std::ranges::all_of(others, is_served));
  }

  ASSERT_TRUE(driver().run_until([&] { return flooder.received == flooded; }));
  if (GetParam().name == "io_uring_cramped") {
    EXPECT_GT(driver().stats().queue_overflows, 0U);  // from which all of this was recovered
  }
}

TEST_P(FairnessTest, FloodersShareEvenly) {
  std::vector<std::unique_ptr<Connection>> flooders;
  for (int i = 0; i < 8; ++i) flooders.push_back(std::make_unique<Connection>(driver()));
  const std::vector<std::byte> flood(std::size_t{1} << 20);

  for (int round = 0; round < 200; ++round) {
    for (auto& flooder : flooders) {
      while (flooder->pair.theirs.send(flood) > 0) {
      }
    }
    driver().turn();
  }

  std::size_t least = SIZE_MAX;
  std::size_t most = 0;
  for (const auto& flooder : flooders) {
    least = std::min(least, flooder->received);
    most = std::max(most, flooder->received);
  }
  EXPECT_GT(least, 0U);
  EXPECT_LE(most, 2 * least);
}

}  // namespace
}  // namespace weir::test
