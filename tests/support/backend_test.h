// Tests that need a running shard: each runs on every backend, and is skipped, with the reason,
// where one is not available.
//
//     class ScopeTest : public test::BackendTest {};
//     WEIR_ON_EACH_BACKEND(ScopeTest);
//
//     TEST_P(ScopeTest, ...) {
//       const Result<int> sum = run([]() -> Task<int> { ... });
//
// The function that `run` is given outlives the task it returns, so that one may capture.
#pragma once

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "weir/core/backend_report.h"
#include "weir/core/run.h"
#include "weir/core/runtime.h"

namespace weir::test {

class BackendTest : public ::testing::TestWithParam<Backend> {
 protected:
  void SetUp() override {
    if (const auto report = backend_report(GetParam()); !report) {
      GTEST_SKIP() << to_string(GetParam()) << " is not available: " << report.error().message();
    }
  }

  /// Signals stay the test program's.
  [[nodiscard]] RuntimeOptions options(unsigned shards = 1) const {
    return {.shards = shards, .backend = GetParam(), .signals = SignalPolicy::leave};
  }

  template <typename F>
  auto run(F main) const {
    return weir::run(options(), std::move(main));
  }
  template <typename F>
  auto run_on_shards(unsigned shards, F main) const {
    return weir::run(options(shards), std::move(main));
  }
};

inline Shard& shard(unsigned id) { return Runtime::current().shard(id); }

inline std::string backend_test_name(const ::testing::TestParamInfo<Backend>& parameter) {
  return std::string(to_string(parameter.param));
}

}  // namespace weir::test

#define WEIR_ON_EACH_BACKEND(suite)                                                              \
  INSTANTIATE_TEST_SUITE_P(Backends, suite,                                                      \
                           ::testing::Values(::weir::Backend::io_uring, ::weir::Backend::epoll), \
                           ::weir::test::backend_test_name)
