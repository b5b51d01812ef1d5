// The choice on this machine, whatever it is.
#include <gtest/gtest.h>

#include "reactor/reactor.h"
#include "tests/support/home_pool.h"

namespace weir::reactor {
namespace {

TEST(BackendOfThisProcess, DecisionStands) {
  const auto first = choose_backend(Backend::automatic);
  const auto second = choose_backend(Backend::automatic);

  ASSERT_EQ(first.has_value(), second.has_value());
  if (!first) GTEST_SKIP() << "no decision here: " << first.error().reason;
  EXPECT_EQ(first->backend, second->backend);
  EXPECT_EQ(first->reason, second->reason);
}

TEST(BackendOfThisProcess, EpollCanAlwaysBeForced) {
  const auto report = choose_backend(Backend::epoll);

  ASSERT_TRUE(report);
  EXPECT_EQ(report->backend, Backend::epoll);
}

TEST(BackendOfThisProcess, ChosenBackendMakesReactorsOfItsKind) {
  test::HomePool pool;
  ReadyQueue ready;
  const auto report = choose_backend(Backend::automatic);
  if (!report) GTEST_SKIP() << "no decision here: " << report.error().reason;

  const auto reactor = make_reactor(report->backend, {.ready = &ready, .pool = &*pool});

  ASSERT_TRUE(reactor) << reactor.error().message();
  EXPECT_EQ((*reactor)->backend(), report->backend);
}

TEST(BackendOfThisProcess, AutomaticIsNoKindOfReactor) {
  test::HomePool pool;
  ReadyQueue ready;

  const auto reactor = make_reactor(Backend::automatic, {.ready = &ready, .pool = &*pool});

  ASSERT_FALSE(reactor);
  EXPECT_EQ(reactor.error(), Error::option_invalid);
}

}  // namespace
}  // namespace weir::reactor
