#include "tools/weir/bench/suites/client_latency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace weir::tools::bench {
namespace {

using ::testing::HasSubstr;

TEST(ClientLatency, HasEveryRequestAtTheEndOfItsBucket) {
  const auto result = nlohmann::json::parse(R"({"latency_ns": [[1007, 98], [40000, 2]]})");

  const auto latency = client_latency(result);

  ASSERT_TRUE(latency.has_value()) << latency.error();
  EXPECT_EQ(latency->start, LatencyStart::sent);
  EXPECT_EQ(latency->samples.count(), 100U);
  EXPECT_EQ(latency->samples.percentile(98).value, 1007U);
  EXPECT_EQ(latency->samples.max().value, 40'000U);
}

TEST(ClientLatency, AClientThatWritesNoneIsRefused) {
  const auto latency = client_latency(nlohmann::json::parse(R"({"requests": 100})"));

  ASSERT_FALSE(latency.has_value());
  EXPECT_THAT(latency.error(), HasSubstr("another build"));
}

TEST(ClientLatency, WhatIsNoPairOfCountsIsRefused) {
  for (const char* text : {R"({"latency_ns": [[1007]]})", R"({"latency_ns": [[1007, -1]]})",
                           R"({"latency_ns": [1007, 1]})", R"({"latency_ns": [["1007", 1]]})"}) {
    SCOPED_TRACE(text);

    EXPECT_FALSE(client_latency(nlohmann::json::parse(text)).has_value());
  }
}

}  // namespace
}  // namespace weir::tools::bench
