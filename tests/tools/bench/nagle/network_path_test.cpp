// Real namespaces, so only with the rights to make them. A few cells over each path: what is
// counted there, and times only where theory bounds them from below.
#include "tools/weir/bench/nagle/network_path.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/bench/nagle/cell_recipe.h"
#include "tools/weir/bench/nagle/path_ends.h"
#include "tools/weir/bench/nagle/run_cell.h"

namespace weir::tools::bench {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::StartsWith;

constexpr int mtu = 1500;
constexpr milliseconds rtt{20};
constexpr std::uint64_t link_rate = 10'000'000;

class NetworkPathTest : public testing::Test {
 protected:
  /// Skips the test, visibly, if the rights or the devices are missing; other failures are ours.
  void use(NetworkPath::OrProblem made) {
    if (made) {
      path_.emplace(std::move(*made));
      return;
    }
    ASSERT_THAT(made.error().why.value(),
                AnyOf(EPERM, EACCES, ENOENT, ENODEV, ENOSYS, ENOSPC, EOPNOTSUPP))
        << made.error().to_string();
    GTEST_SKIP() << made.error().to_string() << ": needs root, and a kernel with these devices";
  }

  [[nodiscard]] const NetworkPath& path() const { return *path_; }

  CellResult run(CellSpec spec, std::uint64_t messages) {
    spec.messages_max = messages;
    spec.duration = std::chrono::seconds(20);
    auto result = run_cell(spec, {.path = path(), .cpus = {}, .congestion_control = "reno"});
    // A cell that fails throws here, which fails its test with the reason.
    if (!result) throw std::runtime_error(result.error());
    return *std::move(result);
  }

  CellResult exchange(WriteMode mode, std::uint64_t messages = 8) {
    return run(exchange_cell("N1", {4, 60}, mode, milliseconds(0)), messages);
  }

 private:
  std::optional<NetworkPath> path_;
};

/// `client weir0 1500`
std::vector<std::string> end_texts(const NetworkPath& path) {
  std::vector<std::string> texts;
  for (const EndInterfaces& end : read_path_ends(path)) {
    EXPECT_EQ(end.path, path.name());
    for (const auto& one : end.interfaces) {
      texts.push_back(end.end + " " + one.name + " " + std::to_string(one.mtu));
    }
  }
  return texts;
}

TEST_F(NetworkPathTest, AVethHasAnInterfaceAtEachEnd) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth(mtu)));
  if (IsSkipped()) return;

  const std::vector<std::string> texts = end_texts(path());
  EXPECT_THAT(texts, IsSupersetOf({"client weir0 1500", "server weir0 1500"}));
  EXPECT_THAT(path_end_lines(read_path_ends(path())),
              Contains(StartsWith("veth, client: weir0: MTU 1500, tso ")));
}

TEST_F(NetworkPathTest, ALoopbackOfItsOwnHasOneForBothEnds) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::loopback_with_mtu(mtu)));
  if (IsSkipped()) return;

  EXPECT_THAT(end_texts(path()), ElementsAre("both lo 1500"));
}

TEST_F(NetworkPathTest, ThePlainLoopbackIsThisMachinesAndNotToldAgain) {
  EXPECT_THAT(read_path_ends(NetworkPath::loopback()), IsEmpty());
}

TEST_F(NetworkPathTest, AVethCarriesWhatIsSent) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth(mtu)));
  if (IsSkipped()) return;

  // On a busy machine the kernel holds back a write while the one before has not left the device.
  std::jthread([&] {
    EXPECT_TRUE(path().enter_client());
    EXPECT_TRUE(path().set_autocorking(Autocorking::off));
  }).join();

  const CellResult apart = exchange(WriteMode::nodelay, 20);
  const CellResult together = exchange(WriteMode::gather, 20);

  EXPECT_GT(apart.sender.segments, 30U);
  EXPECT_LT(together.sender.segments - together.sender.retransmitted, 30U);
  EXPECT_EQ(path().name(), "veth");
}

TEST_F(NetworkPathTest, AVethHasItsSegments) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth(mtu)));
  if (IsSkipped()) return;

  const CellResult cell = run(stream_cell("N5", 14'480, WriteMode::nodelay, milliseconds(0)), 10);

  EXPECT_GE(cell.sender.segments, 100U);
}

// Over a link without a rate this takes a millisecond, here nearly half a second.
TEST_F(NetworkPathTest, AThinLinkKeepsItsRate) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth_at_rate(mtu, link_rate)));
  if (IsSkipped()) return;
  constexpr std::uint64_t messages = 40;
  constexpr std::uint64_t message_bytes = 14'480;

  const CellResult cell =
      run(stream_cell("N5", message_bytes, WriteMode::nodelay, milliseconds(0)), messages);

  const std::chrono::duration<double> at_least(8.0 * messages * message_bytes / link_rate);
  EXPECT_GE(cell.sender.elapsed, 0.95 * at_least);  // a bucket's content goes at once
}

TEST_F(NetworkPathTest, AutocorkingIsSetInTheNamespaceAlone) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth_at_rate(mtu, link_rate)));
  if (IsSkipped()) return;
  const auto setting = [] {
    std::string text;
    std::ifstream("/proc/sys/net/ipv4/tcp_autocorking") >> text;
    return text;
  };
  const std::string before = setting();

  std::string inside;
  std::jthread([&] {
    EXPECT_TRUE(path().enter_client());
    EXPECT_TRUE(path().set_autocorking(Autocorking::off));
    inside = setting();
  }).join();

  EXPECT_EQ(inside, "0");
  EXPECT_EQ(setting(), before);
}

TEST_F(NetworkPathTest, AnUrgentMessageAmidBulkHasAnAgeAndTheBulkNone) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::veth_at_rate(mtu, link_rate)));
  if (IsSkipped()) return;
  CellSpec spec = paced_cell("N12", milliseconds(20), WriteMode::nodelay, milliseconds(0));
  spec.bulk_bytes = std::size_t{16} << 10;
  spec.notsent_lowat_bytes = std::size_t{16} << 10;

  const CellResult cell = run(spec, 8);

  EXPECT_EQ(cell.receiver.ages.count(), 8U);
  EXPECT_GT(cell.receiver.messages, 8U + 256U);
}

TEST_F(NetworkPathTest, ARelayTakesItsTimeAndReportsOnItself) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::far(mtu, rtt)));
  if (IsSkipped()) return;

  const CellResult nodelay = exchange(WriteMode::nodelay);
  const CellResult nagle = exchange(WriteMode::nagle);

  EXPECT_GE(nodelay.sender.exchanges.value_at_percentile(50), 20'000'000U);
  // Two round trips; the first of them to have the first write acknowledged.
  EXPECT_GE(nagle.sender.exchanges.value_at_percentile(50), 40'000'000U);
  EXPECT_GT(nodelay.relay.late_p99.count(), 0);
}

TEST_F(NetworkPathTest, ALoopbackOfItsOwnHasItsMtu) {
  ASSERT_NO_FATAL_FAILURE(use(NetworkPath::loopback_with_mtu(mtu)));
  if (IsSkipped()) return;

  const CellResult cell = run(stream_cell("N5", 14'480, WriteMode::nodelay, milliseconds(0)), 10);

  EXPECT_GE(cell.sender.segments, 100U);
}

std::size_t open_files() {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST_F(NetworkPathTest, NothingIsLeftOfAPath) {
  const std::size_t before = open_files();

  for (int i = 0; i < 2; ++i) {
    NetworkPath::OrProblem made =
        i == 0 ? NetworkPath::veth_at_rate(mtu, link_rate) : NetworkPath::far(mtu, rtt);
    if (!made) GTEST_SKIP() << made.error().to_string();
    EXPECT_GT(open_files(), before);
  }

  EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace weir::tools::bench
