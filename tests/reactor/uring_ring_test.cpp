// The ring by itself; what the backend does with it is tested in tests/conformance.
#include <gtest/gtest.h>

#include "reactor/uring/ring.h"

namespace weir::reactor {
namespace {

TEST(Ring, GivesItsRegistrationBack) {
  constexpr int more_than_a_thread_has_places = 40;

  int registered = 0;
  for (int count = 0; count < more_than_a_thread_has_places; ++count) {
    Ring ring;
    if (!ring.open({.submission_entries = 8, .completion_entries = 16})) {
      GTEST_SKIP() << "this kernel, or its settings, have no io_uring";
    }
    if (count == 0 && !ring.registered()) GTEST_SKIP() << "no registered rings before Linux 5.18";
    registered += ring.registered() ? 1 : 0;
  }

  EXPECT_EQ(registered, more_than_a_thread_has_places);
}

}  // namespace
}  // namespace weir::reactor
