#include "tools/weir/doctor/validate.h"

#include <gtest/gtest.h>

namespace weir::tools::doctor {
namespace {

TEST(DoctorValidate, LooksAtTheMachineUnlessAskedForTheSockets) {
  const auto machine = validate({.json = true});
  const auto sockets = validate({.subject = "sockets"});

  ASSERT_TRUE(machine && sockets);
  EXPECT_EQ(machine->subject, Subject::machine);
  EXPECT_EQ(machine->format, Format::json);
  EXPECT_EQ(sockets->subject, Subject::sockets);
  EXPECT_EQ(sockets->format, Format::text);
}

TEST(DoctorValidate, SaysWhichSubjectThereIs) {
  const auto nothing = validate({.subject = "socks"});

  ASSERT_FALSE(nothing);
  EXPECT_EQ(nothing.error().message, "there is no subject \"socks\"; write sockets, or nothing");
}

}  // namespace
}  // namespace weir::tools::doctor
