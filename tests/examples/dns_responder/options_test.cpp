#include "examples/dns_responder/options.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace dns_responder {
namespace {

std::expected<Options, std::string> parse(std::vector<std::string> words) {
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (std::string& word : words) arguments.push_back(word.data());
  return parse_options(arguments);
}

TEST(Options, AreWhatTheFlagsSay) {
  const auto options =
      parse({"--zone", "z", "--listen", "127.0.0.1:53", "--shards", "2", "--backend", "epoll"});

  ASSERT_TRUE(options);
  EXPECT_EQ(options->zone_file, "z");
  EXPECT_EQ(options->listen, weir::Address::loopback(53));
  EXPECT_EQ(options->runtime.shards, 2U);
  EXPECT_EQ(options->runtime.backend, weir::Backend::epoll);
}

TEST(Options, AreRefusedWithTheReason) {
  struct Vector {
    std::vector<std::string> words;
    const char* expected;
  };
  const std::vector<Vector> vectors{
      {{}, "--zone is missing"},
      {{"--zone"}, "--zone wants a value"},
      {{"--zone", "z", "--port", "53"}, "unknown flag --port"},
      {{"--zone", "z", "--shards", "0"}, "--shards 0: want a number from 1 to 256"},
      {{"--zone", "z", "--shards", "2x"}, "--shards 2x: want a number from 1 to 256"},
      {{"--zone", "z", "--backend", "kqueue"}, "--backend kqueue: want auto, io_uring or epoll"},
      {{"--zone", "z", "--listen", "unix:/x"}, "--listen unix:/x: DNS is spoken over IP"},
  };
  for (const Vector& v : vectors) {
    SCOPED_TRACE(v.expected);

    const auto options = parse(v.words);

    ASSERT_FALSE(options);
    EXPECT_EQ(options.error(), v.expected);
  }
}

}  // namespace
}  // namespace dns_responder
