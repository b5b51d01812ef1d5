#include "tools/weir/serve/validate.h"

#include <chrono>
#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/serve/refusal.h"

namespace weir::tools::serve {
namespace {

using ::testing::HasSubstr;

RawFlags echo_on(const char* address) {
  RawFlags flags;
  flags.service = "echo";
  flags.listen = address;
  return flags;
}

TEST(ServeValidate, TakesAServiceAndAnAddress) {
  const auto options = validate(echo_on("127.0.0.1:9000"));

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->service, Service::echo);
  EXPECT_EQ(options->listen, Address::loopback(9000));
  EXPECT_EQ(options->shards, 1U);
  EXPECT_TRUE(options->cpus.empty());
  EXPECT_EQ(options->backend, Backend::automatic);
}

TEST(ServeValidate, ListensOnAnythingAnAddressCanBe) {
  for (const char* address : {":0", "[::]:0", "unix:/run/x", "unix:@x", "tcp://127.0.0.1:1"}) {
    EXPECT_TRUE(validate(echo_on(address))) << address;
  }
}

TEST(ServeValidate, TakesTheOtherFlags) {
  RawFlags flags = echo_on(":0");
  flags.service = "discard";
  flags.shards = "2";
  flags.cpus = "1,0,3";
  flags.backend = "io_uring";

  const auto options = validate(flags);

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->service, Service::discard);
  EXPECT_EQ(options->shards, 2U);
  EXPECT_EQ(options->cpus.size(), 3U);
  EXPECT_EQ(options->backend, Backend::io_uring);
}

TEST(ServeValidate, SpinsForATimeOrAsTheRuntimeFindsBest) {
  RawFlags flags = echo_on(":0");
  EXPECT_EQ(validate(flags)->spin, std::nullopt);
  flags.spin = "auto";
  EXPECT_EQ(validate(flags)->spin, std::nullopt);
  flags.spin = "0us";
  EXPECT_EQ(validate(flags)->spin, Duration::zero());
  flags.spin = "50us";
  EXPECT_EQ(validate(flags)->spin, std::chrono::microseconds(50));

  flags.spin = "2s";
  EXPECT_THAT(refusal(flags), HasSubstr("--spin: \"2s\" is out of range; at most 1s, or auto"));
  flags.spin = "50";
  EXPECT_THAT(refusal(flags), HasSubstr("--spin"));
}

TEST(ServeValidate, ConnectionsAreLimitedWhereAskedForAndForExecAlways) {
  RawFlags echo = echo_on(":0");
  RawFlags exec = echo_on("127.0.0.1:0");
  exec.service = "exec";
  exec.exec.allow.emplace_back("date");

  EXPECT_EQ(validate(echo)->limits.connections_max, ServeOptions{}.connections_max);
  EXPECT_EQ(validate(echo)->limits.idle_timeout, Duration::zero());
  EXPECT_EQ(validate(exec)->limits.connections_max, 64U);
  EXPECT_EQ(validate(exec)->limits.idle_timeout, std::chrono::minutes(10));
  for (RawFlags* flags : {&echo, &exec}) {
    flags->connections = "5";
    flags->idle_timeout = "30s";
    EXPECT_EQ(validate(*flags)->limits.connections_max, 5U);
    EXPECT_EQ(validate(*flags)->limits.idle_timeout, std::chrono::seconds(30));
    flags->idle_timeout = "0s";
    EXPECT_THAT(refusal(*flags), HasSubstr("--idle-timeout: \"0s\" is out of range"));
    flags->idle_timeout.reset();
    flags->connections = "0";
    EXPECT_THAT(refusal(*flags), HasSubstr("--connections"));
  }
}

TEST(ServeValidate, UpperTakesOneLineAConnectionUnlessAskedForMany) {
  RawFlags one = echo_on(":0");
  one.service = "upper";
  RawFlags many = one;
  many.per_connection = "many";

  EXPECT_EQ(validate(one)->per_connection, PerConnection::one);
  EXPECT_EQ(validate(many)->per_connection, PerConnection::many);
}

TEST(ServeValidate, EchoSendsBackBytesUnlessACodecSaysWhatAFrameIs) {
  RawFlags framed = echo_on(":0");
  framed.codec = "len32";

  EXPECT_EQ(validate(echo_on(":0"))->codec, WireCodec::raw);
  EXPECT_EQ(validate(framed)->codec, WireCodec::len32);
}

TEST(ServeValidate, ExecHasFlagsOfItsOwn) {
  RawFlags exec = echo_on("127.0.0.1:0");
  exec.service = "exec";
  exec.exec.allow = {"date"};
  RawFlags echo = exec;
  echo.service = "echo";
  RawFlags exposed = exec;
  exposed.listen = ":0";
  RawFlags shards = exec;
  shards.shards = "2";

  const auto options = validate(exec);

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_EQ(options->service, Service::exec);
  EXPECT_EQ(options->exec.allowed.size(), 1U);
  EXPECT_THAT(refusal(echo), HasSubstr("echo has no programs to run"));
  EXPECT_THAT(refusal(exposed), HasSubstr("--i-understand"));
  EXPECT_THAT(refusal(shards), HasSubstr("leave out --shards"));
}

TEST(ServeValidate, UdpHasServicesOfItsOwnAndUpperHasBoth) {
  RawFlags flags = echo_on("udp://127.0.0.1:9000");
  flags.udp.gro = "off";
  flags.udp.steer = "cpu";
  flags.shards = "2";
  for (const char* service : {"udp-echo", "udp-sink", "upper"}) {
    SCOPED_TRACE(service);
    flags.service = service;
    flags.udp.is_udp = flags.service == "upper";

    const auto options = validate(flags);

    ASSERT_TRUE(options) << options.error().message;
    EXPECT_EQ(to_text(options->service), service);
    EXPECT_EQ(options->transport, Transport::datagram);
    EXPECT_EQ(options->listen, Address::loopback(9000));
    EXPECT_EQ(options->udp.receive_offload, Switch::off);
    EXPECT_EQ(options->steering.by, Steering::By::cpu);
    EXPECT_EQ(options->shards, 2U);
  }
  EXPECT_EQ(validate(echo_on(":0"))->transport, Transport::stream);
}

TEST(ServeValidate, WhatOneTransportDoesNotHaveIsRefused) {
  const auto of_service = [](const char* service, const char* address, RawFlags flags = {}) {
    flags.service = service;
    flags.listen = address;
    return refusal(flags);
  };
  RawFlags udp;
  udp.udp.is_udp = true;
  RawFlags trains;
  trains.udp.gro = "on";
  RawFlags codec;
  codec.codec = "len32";
  RawFlags idle;
  idle.idle_timeout = "1s";
  RawFlags one_line = udp;
  one_line.per_connection = "one";
  RawFlags programs;
  programs.exec.allow = {"date"};

  EXPECT_EQ(of_service("echo", ":0", udp),
            "--udp is for upper; echo over UDP is the service udp-echo");
  EXPECT_EQ(of_service("discard", ":0", udp),
            "--udp is for upper; discard over UDP is the service udp-sink");
  EXPECT_EQ(of_service("exec", ":0", udp), "--udp is for upper; exec needs connections");
  EXPECT_EQ(of_service("udp-echo", ":0", udp),
            "--udp is for upper; udp-echo speaks UDP without it");
  EXPECT_EQ(of_service("udp-echo", "unix:/run/x"),
            "--listen: \"unix:/run/x\" is a Unix socket, and this service speaks UDP; write "
            "host:port, such as 127.0.0.1:9000");
  EXPECT_EQ(of_service("udp-sink", "tcp://127.0.0.1:1"),
            "--listen: \"tcp://127.0.0.1:1\" is no address for a service over UDP");
  EXPECT_EQ(of_service("echo", "udp://127.0.0.1:1"),
            "--listen: \"udp://127.0.0.1:1\" is no address for a service over TCP");
  EXPECT_THAT(of_service("upper", ":0", trains), HasSubstr("upper does not speak UDP; --gro"));
  EXPECT_THAT(of_service("udp-echo", ":0", codec), HasSubstr("--codec is for echo"));
  EXPECT_THAT(of_service("udp-echo", ":0", idle), HasSubstr("are for connections"));
  EXPECT_THAT(of_service("upper", ":0", one_line), HasSubstr("are for connections"));
  EXPECT_THAT(of_service("udp-sink", ":0", programs), HasSubstr("no programs to run"));
}

TEST(ServeValidate, SaysWhatIsWrong) {
  RawFlags no_service = echo_on(":0");
  no_service.service.reset();
  RawFlags mistyped = echo_on(":0");
  mistyped.service = "ecoh";
  RawFlags nowhere = echo_on(":0");
  nowhere.listen.reset();
  RawFlags backend = echo_on(":0");
  backend.backend = "kqueue";
  RawFlags several = echo_on(":0");
  several.service = "upper";
  several.per_connection = "several";
  RawFlags codec = echo_on(":0");
  codec.codec = "len23";
  RawFlags framed_discard = echo_on(":0");
  framed_discard.service = "discard";
  framed_discard.codec = "len32";
  RawFlags many_echoes = echo_on(":0");
  many_echoes.per_connection = "many";

  EXPECT_EQ(refusal(no_service),
            "the service is missing; write echo, discard, upper, exec, stall, work, udp-echo or "
            "udp-sink");
  EXPECT_EQ(refusal(mistyped), "there is no service \"ecoh\"; did you mean \"echo\"?");
  EXPECT_THAT(refusal(nowhere), HasSubstr("add --listen ADDRESS"));
  EXPECT_EQ(refusal(echo_on("127.0.0.1")),
            "--listen: \"127.0.0.1\" has no port; write host:port, such as 127.0.0.1:9000");
  EXPECT_EQ(refusal(backend),
            "--backend: there is no backend \"kqueue\"; known are auto, io_uring and epoll");
  EXPECT_EQ(refusal(several), "--per-connection: \"several\" is neither one nor many");
  EXPECT_THAT(refusal(codec), HasSubstr("--codec: there is no codec \"len23\"; did you mean"));
  EXPECT_EQ(refusal(framed_discard),
            "--codec is for echo; discard has a format of its own or none");
  EXPECT_EQ(refusal(many_echoes),
            "--per-connection is for upper; echo goes on until the client ends");
}

}  // namespace
}  // namespace weir::tools::serve
