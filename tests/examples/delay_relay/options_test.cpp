#include "examples/delay_relay/options.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace delay_relay {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::StartsWith;

std::expected<Options, std::string> parse(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_options(arguments);
}

TEST(Options, AreWhatTheFlagsSay) {
  const auto options =
      parse({"--rtt",      "2.5ms",    "--client",      "12",    "--server",   "/run/netns/b",
             "--network",  "10.1.2.4", "--device",      "far0",  "--mtu",      "9000",
             "--duration", "3s",       "--packets-max", "100",   "--probe",    "7",
             "--spin",     "50us",     "--wake-early",  "0us",   "--realtime", "5",
             "--cpu",      "1",        "--backend",     "epoll", "--json"});

  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->relay.relay.rtt, microseconds(2500));
  EXPECT_EQ(options->path.client_namespace, "12");
  EXPECT_EQ(options->path.server_namespace, "/run/netns/b");
  EXPECT_EQ(to_string(options->path.network), "10.1.2.4");
  EXPECT_EQ(options->path.device, "far0");
  EXPECT_EQ(options->path.mtu_bytes, 9000U);
  EXPECT_EQ(options->duration, std::chrono::seconds(3));
  EXPECT_EQ(options->relay.relay.packets_max, 100U);
  EXPECT_EQ(options->probes, 7U);
  EXPECT_EQ(options->relay.spin, microseconds(50));
  EXPECT_EQ(options->relay.relay.wake_early, microseconds(0));
  EXPECT_EQ(options->relay.realtime_priority, 5);
  EXPECT_EQ(options->relay.cpu, 1);
  EXPECT_EQ(options->relay.backend, weir::Backend::epoll);
  EXPECT_TRUE(options->is_json);
}

TEST(Options, NeedTheRoundTripTimeOnly) {
  const auto options = parse({"--rtt", "1s"});

  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->path.client_namespace, "");
  EXPECT_EQ(options->path.mtu_bytes, 1500U);
  EXPECT_EQ(options->relay.realtime_priority, 10);
  EXPECT_FALSE(options->duration);
  EXPECT_FALSE(options->probes);
  EXPECT_FALSE(options->is_json);
}

TEST(Options, AreRefusedWithTheReason) {
  struct Vector {
    std::vector<std::string> words;
    const char* expected;
  };
  const std::vector<Vector> vectors{
      {{}, "--rtt is missing"},
      {{"--json"}, "--rtt is missing"},
      {{"--rtt"}, "--rtt wants a value"},
      {{"20ms"}, "\"20ms\" is no flag"},
      {{"--delay", "20ms"}, "unknown flag --delay"},
      {{"--rtt", "20"}, "--rtt 20: want a time"},
      {{"--rtt", "ms"}, "--rtt ms: want a time"},
      {{"--rtt", "20min"}, "--rtt 20min: want a time"},
      {{"--rtt", "1.2.3ms"}, "--rtt 1.2.3ms: want a time"},
      {{"--rtt", "99us"}, "--rtt 99us: want a time"},
      {{"--rtt", "1e9s"}, "--rtt 1e9s: want a time"},
      {{"--rtt", "11s"}, "--rtt 11s: want a time"},
      {{"--network", "10.0.0.1"}, "--network 10.0.0.1: want an IPv4"},
      {{"--network", "10.0.0"}, "--network 10.0.0: want an IPv4"},
      {{"--network", "10.0.0.0.0"}, "--network 10.0.0.0.0: want an IPv4"},
      {{"--network", "10.0.256.0"}, "--network 10.0.256.0: want an IPv4"},
      {{"--device", "sixteen-letters-"}, "--device sixteen-letters-: want the name"},
      {{"--device", "a/b"}, "--device a/b: want the name"},
      {{"--device", "tun%d"}, "--device tun%d: want the name"},
      {{"--device", ""}, "--device : want the name"},
      {{"--mtu", "575"}, "--mtu 575: want a number"},
      {{"--packets-max", "0"}, "--packets-max 0: want a number"},
      {{"--probe", "-1"}, "--probe -1: want a number"},
      {{"--realtime", "100"}, "--realtime 100: want a number"},
      {{"--wake-early", "11ms"}, "--wake-early 11ms: want a time"},
      {{"--backend", "kqueue"}, "--backend kqueue: want auto"},
  };
  for (const auto& [words, expected] : vectors) {
    SCOPED_TRACE(expected);

    const auto options = parse(words);

    ASSERT_FALSE(options);
    EXPECT_THAT(options.error(), StartsWith(expected));
  }
}

}  // namespace
}  // namespace delay_relay
