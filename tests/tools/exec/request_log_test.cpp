#include "tools/weir/exec/request_log.h"

#include <string>

#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using namespace std::chrono_literals;

TEST(RequestLog, TellsWhoAskedWhatAndWhatCameOfIt) {
  EXPECT_EQ(log_line({.peer = "127.0.0.1:40112",
                      .elapsed = 2600us,
                      .request = "ls -l /tmp",
                      .outcome = R"({"data_size": 12})"}),
            R"(127.0.0.1:40112 2.6 ms "ls -l /tmp" {"data_size": 12})");
}

TEST(RequestLog, IsOneLineWhateverTheRequestHolds) {
  using namespace std::string_literals;

  const std::string line = log_line({.peer = "unix:",
                                     .elapsed = 1ms,
                                     .request = "a\nb\"\\\0\x1b[2J\xC3\xA9\x7F"s,
                                     .outcome = "abandoned"});

  EXPECT_EQ(line, R"(unix: 1.0 ms "a\x0ab\"\\\x00\x1b[2J\xc3\xa9\x7f" abandoned)");
}

TEST(RequestLog, CutsWhatIsLong) {
  const std::string request(4096, 'x');

  const std::string line =
      log_line({.peer = "unix:", .elapsed = 1ms, .request = request, .outcome = "{}"});

  EXPECT_EQ(line, "unix: 1.0 ms \"" + std::string(256, 'x') + "\"... {}");
}

}  // namespace
}  // namespace weir::tools::exec
