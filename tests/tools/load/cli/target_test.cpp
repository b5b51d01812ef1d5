#include "tools/weir/load/cli/target.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

TEST(Target, ReadsTcpAndUnix) {
  struct Vector {
    const char *text, *address, *printed;
  };
  for (const auto& v : {Vector{"tcp://127.0.0.1:9000", "127.0.0.1:9000", "tcp://127.0.0.1:9000"},
                        Vector{"tcp://localhost:9000", "127.0.0.1:9000", "tcp://127.0.0.1:9000"},
                        Vector{"tcp://[::1]:9000", "[::1]:9000", "tcp://[::1]:9000"},
                        Vector{"tcp://:9000", "127.0.0.1:9000", "tcp://127.0.0.1:9000"},
                        Vector{"tcp://[::]:9000", "[::1]:9000", "tcp://[::1]:9000"},
                        Vector{"udp://127.0.0.1:9000", "127.0.0.1:9000", "udp://127.0.0.1:9000"},
                        Vector{"udp://:9000", "127.0.0.1:9000", "udp://127.0.0.1:9000"},
                        Vector{"unix:/run/echo", "unix:/run/echo", "unix:/run/echo"},
                        Vector{"unix:@echo", "unix:@echo", "unix:@echo"}}) {
    const auto target = parse_target(v.text);

    ASSERT_TRUE(target) << v.text << ": " << target.error().message;
    EXPECT_EQ(target->address.to_string(), v.address);
    EXPECT_EQ(target->text, v.printed);
    const bool is_udp = std::string_view(v.text).starts_with("udp");
    EXPECT_EQ(target->transport, is_udp ? Transport::datagram : Transport::stream);
  }
}

TEST(Target, RefusesTheRestAndSaysWhatToWrite) {
  struct Vector {
    const char *text, *reason;
  };
  for (const auto& v :
       {Vector{"", "write tcp://HOST:PORT, udp://HOST:PORT or unix:PATH"},
        Vector{"127.0.0.1:9000", "has no scheme; write tcp://127.0.0.1:9000"},
        Vector{"example", "is not a target"},
        Vector{"https://127.0.0.1", "https targets are not supported"},
        Vector{"tpc://127.0.0.1:9000", "unknown scheme \"tpc://\""},
        Vector{"tcp://127.0.0.1", "has no port"},
        Vector{"tcp://127.0.0.1:0", "nothing listens on port 0"},
        Vector{"tcp://no-such-host.invalid:80", "cannot resolve the host \"no-such-host.invalid\""},
        Vector{"tcp://unix:/a", "write unix:PATH without tcp://"},
        Vector{"udp://unix:/a", "write unix:PATH without udp://"},
        Vector{"udp://127.0.0.1:0", "nothing listens on port 0"}, Vector{"unix:", "has no path"}}) {
    const auto target = parse_target(v.text);

    ASSERT_FALSE(target) << v.text;
    EXPECT_THAT(target.error().message, HasSubstr(v.reason)) << v.text;
  }
}

}  // namespace
}  // namespace weir::tools::load
