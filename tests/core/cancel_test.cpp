#include "weir/core/cancel.h"

#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/error.h"

namespace weir {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Writes down that it was asked to stop, and does what it was told to do then.
class Subscriber final : public CancelSubscriber {
 public:
  Subscriber(std::string name, std::vector<std::string>& log) : name_(std::move(name)), log_(log) {}

  void (*then)(Subscriber& self) = nullptr;
  Subscriber* other = nullptr;
  CancelDomain* domain = nullptr;

 private:
  void on_cancel(std::error_code reason) noexcept override {
    log_.push_back(name_ + ": " + (reason == Error::deadline_exceeded ? "deadline" : "cancelled"));
    EXPECT_FALSE(subscribed());
    if (then != nullptr) then(*this);
  }

  std::string name_;
  std::vector<std::string>& log_;
};

TEST(CancelDomain, AsksItsSubscribersInTheOrderOfComing) {
  std::vector<std::string> log;
  CancelDomain domain;
  Subscriber a("a", log);
  Subscriber b("b", log);
  Subscriber c("c", log);
  for (Subscriber* subscriber : {&a, &b, &c}) subscriber->subscribe(&domain);

  domain.request();

  EXPECT_THAT(log, ElementsAre("a: cancelled", "b: cancelled", "c: cancelled"));
  EXPECT_TRUE(domain.requested());
  EXPECT_FALSE(a.subscribed());
}

TEST(CancelDomain, LeavesAloneWhoLeft) {
  std::vector<std::string> log;
  CancelDomain domain;
  Subscriber a("a", log);
  Subscriber b("b", log);
  Subscriber c("c", log);
  for (Subscriber* subscriber : {&a, &b, &c}) subscriber->subscribe(&domain);

  b.unsubscribe();
  b.unsubscribe();
  domain.request();

  EXPECT_THAT(log, ElementsAre("a: cancelled", "c: cancelled"));
}

TEST(CancelDomain, KeepsItsFirstReason) {
  std::vector<std::string> log;
  CancelDomain domain;
  Subscriber a("a", log);
  a.subscribe(&domain);

  domain.request(Error::deadline_exceeded);
  domain.request(Error::cancelled);

  EXPECT_THAT(log, ElementsAre("a: deadline"));
  EXPECT_EQ(domain.reason(), Error::deadline_exceeded);
}

TEST(CancelDomain, HasNoReasonBeforeARequest) {
  const CancelDomain domain;

  EXPECT_FALSE(domain.requested());
  EXPECT_FALSE(domain.reason());
}

TEST(CancelDomain, PassesARequestDownTheTreeAndNotUp) {
  std::vector<std::string> log;
  CancelDomain outer;
  Subscriber before("before", log);
  Subscriber inside("inside", log);
  Subscriber after("after", log);
  before.subscribe(&outer);
  CancelDomain middle(&outer);
  CancelDomain inner(&middle);
  inside.subscribe(&inner);
  after.subscribe(&outer);

  inner.request();
  EXPECT_THAT(log, ElementsAre("inside: cancelled"));
  EXPECT_FALSE(middle.requested());
  outer.request(Error::deadline_exceeded);

  EXPECT_THAT(log, ElementsAre("inside: cancelled", "before: deadline", "after: deadline"));
  EXPECT_EQ(middle.reason(), Error::deadline_exceeded);
  EXPECT_EQ(inner.reason(), Error::cancelled);
}

TEST(CancelDomain, OpenedUnderACancelledOneIsCancelled) {
  CancelDomain outer;
  outer.request(Error::deadline_exceeded);

  const CancelDomain inner(&outer);

  EXPECT_EQ(inner.reason(), Error::deadline_exceeded);
}

TEST(CancelDomain, AttachedLateHearsOfLaterRequestsOnly) {
  CancelDomain first;
  CancelDomain second;
  CancelDomain inner;

  inner.attach(&first);
  inner.attach(&second);
  first.request();
  EXPECT_FALSE(inner.requested());
  inner.attach(nullptr);
  second.request();

  EXPECT_FALSE(inner.requested());
}

TEST(CancelDomain, EndsBeforeTheOneAroundIt) {
  std::vector<std::string> log;
  CancelDomain outer;
  auto inner = std::make_unique<CancelDomain>(&outer);

  inner.reset();
  outer.request();

  EXPECT_TRUE(outer.requested());
}

TEST(CancelDomain, MovesWhileNothingHangsOnIt) {
  std::vector<std::string> log;
  Subscriber a("a", log);
  CancelDomain unused;

  CancelDomain domain(std::move(unused));
  a.subscribe(&domain);
  domain.request();

  EXPECT_THAT(log, ElementsAre("a: cancelled"));
}

TEST(CancelSubscriber, UnderNoDomainIsNeverAsked) {
  std::vector<std::string> log;
  Subscriber a("a", log);

  a.subscribe(nullptr);

  EXPECT_FALSE(a.subscribed());
  EXPECT_THAT(log, IsEmpty());
}

TEST(CancelSubscriber, LeavesWhenItIsDestroyed) {
  std::vector<std::string> log;
  CancelDomain domain;

  {
    Subscriber a("a", log);
    a.subscribe(&domain);
  }
  domain.request();

  EXPECT_THAT(log, IsEmpty());
}

TEST(CancelSubscriber, MayTakeAnotherOffTheListWhileItIsAsked) {
  std::vector<std::string> log;
  CancelDomain domain;
  Subscriber a("a", log);
  Subscriber b("b", log);
  Subscriber c("c", log);
  for (Subscriber* subscriber : {&a, &b, &c}) subscriber->subscribe(&domain);
  a.other = &b;
  a.then = [](Subscriber& self) { self.other->unsubscribe(); };

  domain.request();

  EXPECT_THAT(log, ElementsAre("a: cancelled", "c: cancelled"));
}

TEST(CancelSubscriber, MayRequestAgainWhileItIsAsked) {
  std::vector<std::string> log;
  CancelDomain outer;
  CancelDomain inner(&outer);
  Subscriber a("a", log);
  Subscriber b("b", log);
  a.subscribe(&inner);
  b.subscribe(&inner);
  a.domain = &outer;
  a.then = [](Subscriber& self) { self.domain->request(Error::deadline_exceeded); };

  inner.request();

  EXPECT_THAT(log, ElementsAre("a: cancelled", "b: cancelled"));
  EXPECT_EQ(inner.reason(), Error::cancelled);
  EXPECT_EQ(outer.reason(), Error::deadline_exceeded);
}

TEST(CancelDomainDeathTest, DoesNotEndBeforeItsSubscribers) {
  std::vector<std::string> log;
  EXPECT_DEATH(
      {
        Subscriber a("a", log);
        const auto domain = std::make_unique<CancelDomain>();
        a.subscribe(domain.get());
        std::destroy_at(domain.get());
      },
      "list_");
}

TEST(CancelSubscriberDeathTest, IsNotSubscribedTwiceNorTooLate) {
  std::vector<std::string> log;
  CancelDomain domain;
  CancelDomain cancelled;
  cancelled.request();
  Subscriber a("a", log);
  a.subscribe(&domain);
  Subscriber b("b", log);

  EXPECT_DEATH(a.subscribe(&domain), "subscribed");
  EXPECT_DEATH(b.subscribe(&cancelled), "requested");
}

}  // namespace
}  // namespace weir
