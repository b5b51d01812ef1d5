#include "tools/weir/serve/udp_flags.h"

#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/common/command_line.h"

namespace weir::tools::serve {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

const Address here = Address::loopback(9000);

std::string refusal(const RawUdpFlags& flags) {
  const auto settings = validate_udp(flags, here);
  EXPECT_FALSE(settings);
  return settings ? std::string() : settings.error().message;
}

TEST(UdpFlags, AreTakenAsText) {
  const auto program = make_program({"weir", "", "", ""}, "");
  CLI::App& command = add_command(*program, {"serve", "", "", ""});
  RawUdpFlags flags;
  add_udp_flags(command, flags);

  const auto stop = parse_command_line(
      *program, {"serve", "--udp", "--gro", "1", "--gso", "2", "--steer", "3", "--receive-buffer",
                 "4", "--overflow", "5", "--queue-bytes", "6"});

  ASSERT_FALSE(stop) << stop->text;
  EXPECT_TRUE(flags.is_udp);
  EXPECT_THAT(flags.gro, Optional(std::string("1")));
  EXPECT_THAT(flags.gso, Optional(std::string("2")));
  EXPECT_THAT(flags.steer, Optional(std::string("3")));
  EXPECT_THAT(flags.receive_buffer, Optional(std::string("4")));
  EXPECT_THAT(flags.overflow, Optional(std::string("5")));
  EXPECT_THAT(flags.queue_bytes, Optional(std::string("6")));
}

TEST(UdpFlags, LeaveTheLibrarysDefaults) {
  const auto settings = validate_udp({}, here);

  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->socket.receive_offload, UdpOptions{}.receive_offload);
  EXPECT_EQ(settings->socket.send_offload, UdpOptions{}.send_offload);
  EXPECT_EQ(settings->socket.receive_bytes_max, UdpOptions{}.receive_bytes_max);
  EXPECT_EQ(settings->socket.overflow, OverflowPolicy::pause);
  EXPECT_EQ(settings->socket.receive_buffer_bytes, 0U);
  EXPECT_EQ(settings->steering.by, Steering::By::flow);
}

TEST(UdpFlags, SetWhatTheyAreCalled) {
  const auto settings = validate_udp({.gro = "off",
                                      .gso = "off",
                                      .steer = "payload:4:2",
                                      .receive_buffer = "8MiB",
                                      .overflow = "drop-oldest",
                                      .queue_bytes = "64k"},
                                     here);

  ASSERT_TRUE(settings) << settings.error().message;
  EXPECT_EQ(settings->socket.receive_offload, Switch::off);
  EXPECT_EQ(settings->socket.send_offload, Switch::off);
  EXPECT_EQ(settings->steering.by, Steering::By::payload);
  EXPECT_EQ(settings->steering.offset, 4U);
  EXPECT_EQ(settings->steering.bytes, 2U);
  EXPECT_EQ(settings->socket.receive_buffer_bytes, 8U << 20U);
  EXPECT_EQ(settings->socket.overflow, OverflowPolicy::drop_oldest);
  EXPECT_EQ(settings->socket.receive_bytes_max, 64'000U);
  EXPECT_EQ(validate_udp({.overflow = "drop-newest"}, here)->socket.overflow,
            OverflowPolicy::drop_newest);
  EXPECT_EQ(validate_udp({.steer = "cpu"}, here)->steering.by, Steering::By::cpu);
}

TEST(UdpFlags, AskWhereADatagramWasSentToOnlyWhereItIsNotKnown) {
  const auto one = validate_udp({}, here);
  const auto all = validate_udp({}, Address::any(9000));
  const auto all_of_both = validate_udp({}, Address::any_ipv6(9000));

  EXPECT_EQ(one->socket.receive_local, Switch::off);
  EXPECT_EQ(all->socket.receive_local, Switch::on);
  EXPECT_EQ(all->socket.dual_stack, Switch::off);
  EXPECT_EQ(all_of_both->socket.receive_local, Switch::on);
  EXPECT_EQ(all_of_both->socket.dual_stack, Switch::on);
}

TEST(UdpFlags, AreRefusedWithWhatIsWrong) {
  EXPECT_EQ(refusal({.gro = "yes"}), "--gro: \"yes\" is neither on nor off");
  EXPECT_EQ(refusal({.gso = ""}), "--gso: \"\" is neither on nor off");
  EXPECT_THAT(refusal({.overflow = "drop-new"}),
              HasSubstr("there is no policy \"drop-new\"; did you mean \"drop-newest\"?"));
  EXPECT_EQ(refusal({.queue_bytes = "0"}), "--queue-bytes: \"0\" is out of range (1 to 1GiB)");
  EXPECT_THAT(refusal({.receive_buffer = "2GiB"}), HasSubstr("--receive-buffer: \"2GiB\" is out"));
  EXPECT_THAT(refusal({.steer = "flaw"}), HasSubstr("did you mean \"flow\"?"));
  for (const char* steer : {"payload", "payload:", "payload:4"}) {
    EXPECT_EQ(refusal({.steer = steer}),
              "--steer: payload needs an offset and a size, such as payload:4:4");
  }
  EXPECT_THAT(refusal({.steer = "payload:x:4"}), HasSubstr("--steer: \"x\""));
  EXPECT_THAT(refusal({.steer = "payload:70000:4"}), HasSubstr("70000"));
  EXPECT_THAT(refusal({.steer = "payload:4:8"}), HasSubstr("--steer: 8 is out of range"));
  EXPECT_THAT(refusal({.steer = "payload:4:4:4"}), HasSubstr("4:4"));
  EXPECT_EQ(refusal({.steer = "payload:4:3"}),
            "--steer: a number to steer by has 1, 2 or 4 bytes, not 3");
}

}  // namespace
}  // namespace weir::tools::serve
