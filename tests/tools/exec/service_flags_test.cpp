#include "tools/weir/exec/service_flags.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

RawServiceFlags allowing(const char* name) {
  RawServiceFlags flags;
  flags.allow = {name};
  return flags;
}

std::string refusal(const RawServiceFlags& flags, const Address& listen = Address::loopback(0)) {
  const auto options = validate_service(flags, listen);
  EXPECT_FALSE(options);
  return options ? std::string() : options.error().message;
}

TEST(ExecServiceFlags, HaveDefaultsThatAreSafeAndSuitTheTutorialsClient) {
  const auto options = validate_service(allowing("date"), Address::loopback(9000));

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_THAT(options->allowed, ElementsAre(AllowedName{"date", ""}));
  EXPECT_EQ(options->request_end, RequestEnd::read);
  EXPECT_EQ(options->time_limit, 10s);
  EXPECT_EQ(options->output_bytes_max, 1U << 20);
  EXPECT_EQ(options->concurrency, 8U);
}

TEST(ExecServiceFlags, AreAllTaken) {
  RawServiceFlags flags = allowing("date");
  flags.allow.emplace_back("x=/bin/echo");
  flags.requests = "line";
  flags.time_limit = "2s";
  flags.output_limit = "16KiB";
  flags.concurrency = "3";
  flags.is_logged = true;

  const auto options = validate_service(flags, Address::loopback(0));

  ASSERT_TRUE(options) << options.error().message;
  EXPECT_THAT(options->allowed,
              ElementsAre(AllowedName{"date", ""}, AllowedName{"x", "/bin/echo"}));
  EXPECT_EQ(options->request_end, RequestEnd::line);
  EXPECT_EQ(options->time_limit, 2s);
  EXPECT_EQ(options->output_bytes_max, 16U << 10);
  EXPECT_EQ(options->concurrency, 3U);
  EXPECT_TRUE(options->is_logged);
}

TEST(ExecServiceFlags, OnlyThisMachineUnlessUnderstood) {
  for (const char* text : {"127.0.0.1:0", "127.9.9.9:0", "[::1]:0", "unix:/run/x", "unix:@x"}) {
    EXPECT_TRUE(validate_service(allowing("date"), *Address::parse(text))) << text;
  }
  for (const char* text : {":0", "[::]:0", "192.0.2.1:0", "[2001:db8::1]:0"}) {
    EXPECT_THAT(refusal(allowing("date"), *Address::parse(text)), HasSubstr("--i-understand"));
    RawServiceFlags flags = allowing("date");
    flags.is_understood = true;
    EXPECT_TRUE(validate_service(flags, *Address::parse(text))) << text;
  }
}

TEST(ExecServiceFlags, SayWhatIsWrong) {
  RawServiceFlags requests = allowing("date");
  requests.requests = "lines";
  RawServiceFlags no_time = allowing("date");
  no_time.time_limit = "0s";
  RawServiceFlags too_much = allowing("date");
  too_much.output_limit = "2GiB";
  RawServiceFlags nobody = allowing("date");
  nobody.concurrency = "0";

  EXPECT_THAT(refusal({}), HasSubstr("--allow NAME"));
  EXPECT_THAT(refusal(allowing("a/b")), HasSubstr("--allow: \"a/b\" is a path"));
  EXPECT_EQ(refusal(requests),
            "--requests: requests cannot end at \"lines\"; did you mean \"line\"?");
  EXPECT_THAT(refusal(no_time), HasSubstr("--time-limit"));
  EXPECT_THAT(refusal(too_much), HasSubstr("--output-limit"));
  EXPECT_THAT(refusal(nobody), HasSubstr("--concurrency"));
}

}  // namespace
}  // namespace weir::tools::exec
