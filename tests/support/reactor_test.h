// The conformance tests' common part: one driver per test, on each backend, and nothing left
// behind.
//
//     class SendTest : public ReactorTest {};
//     INSTANTIATE_TEST_SUITE_P(Backends, SendTest, each_backend(), backend_name);
//     TEST_P(SendTest, ...) { driver().reactor() ... }
#pragma once

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/reactor_backends.h"
#include "tests/support/reactor_driver.h"
#include "tests/support/stream_sockets.h"

namespace weir::test {

class ReactorTest : public testing::TestWithParam<TestBackend> {
 protected:
  void SetUp() override { restart({}); }

  void TearDown() override {
    driver_.reset();  // asserts that every slab came home
    EXPECT_EQ(open_descriptor_count(), descriptors_before_);
  }

  /// Begins anew with another pool.
  void restart(DriverOptions options) {
    driver_.reset();
    driver_ = std::make_unique<ReactorDriver>(GetParam().make, options);
    if (driver_->error()) {
      const std::string reason = driver_->error().message();
      GTEST_SKIP() << "no " << GetParam().name << " here: " << reason;
    }
  }

  [[nodiscard]] ReactorDriver& driver() { return *driver_; }
  [[nodiscard]] reactor::Reactor& reactor() { return driver_->reactor(); }

 private:
  const std::size_t descriptors_before_ = open_descriptor_count();
  std::unique_ptr<ReactorDriver> driver_;
};

inline auto each_backend() { return testing::ValuesIn(all_test_backends()); }

inline std::string backend_name(const testing::TestParamInfo<TestBackend>& param) {
  return param.param.name;
}

}  // namespace weir::test
