#include "tools/weir/load/message/size_model.h"

#include <cmath>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using ::testing::HasSubstr;

std::size_t size_of(const SizeModel& model, std::uint64_t seed, std::uint32_t connection,
                    std::uint64_t request) {
  RequestDraws draws(seed, connection, request);
  return model.draw(draws);
}

double mean_of(const SizeModel& model, std::uint64_t requests) {
  double sum = 0;
  for (std::uint64_t i = 0; i < requests; ++i) {
    sum += static_cast<double>(size_of(model, /*seed=*/1, /*connection=*/2, i));
  }
  return sum / static_cast<double>(requests);
}

TEST(SizeModel, IsReadFromText) {
  EXPECT_EQ(parse_size_model("64"), SizeModel::fixed(64));
  EXPECT_EQ(parse_size_model("16KiB"), SizeModel::fixed(16384));
  EXPECT_EQ(parse_size_model("16MiB"), SizeModel::fixed(payload_bytes_max));
  EXPECT_EQ(parse_size_model("100-1400"), SizeModel::uniform({.min = 100, .max = 1400}));
  EXPECT_EQ(parse_size_model("1k-1MiB"), SizeModel::uniform({.min = 1000, .max = 1 << 20}));
  EXPECT_EQ(parse_size_model("7-7"), SizeModel::fixed(7));
  EXPECT_EQ(parse_size_model("exp:256"), SizeModel::exponential(256));
  EXPECT_EQ(parse_size_model("exp:1"), SizeModel::fixed(1));
}

TEST(SizeModel, SaysWhatIsWrongWithAText) {
  struct Row {
    const char *text, *message;
  };
  for (const auto& row : {
           Row{"", "is not a size"},
           Row{"0", "0 is out of range (1 B to 16 MiB)"},
           Row{"17MiB", "17MiB is out of range (1 B to 16 MiB)"},
           Row{"-5", "\"-5\" is not a size"},
           Row{"9-3", "9-3 is empty; write the smaller size first, 3-9"},
           Row{"9-", "\"\" is not a size"},
           Row{"0-9", "0 is out of range"},
           Row{"1-17MiB", "17MiB is out of range"},
           Row{"exp:", "\"\" is not a size"},
           Row{"exp:0",
               "0 is out of range (1 B to 256 KiB) (the mean of exp: sizes, which go up "
               "to 64 times of it)"},
           Row{"exp:1MiB", "1MiB is out of range (1 B to 256 KiB)"},
           Row{"pareto:5",
               "there is no distribution \"pareto\"; write a size, a range as 100-1400"},
           Row{"5x", "unknown unit \"x\""},
       }) {
    SCOPED_TRACE(row.text);

    const auto model = parse_size_model(row.text);

    ASSERT_FALSE(model.has_value());
    EXPECT_THAT(model.error().message, HasSubstr(row.message));
  }
}

TEST(SizeModel, AFixedSizeIsAlwaysTheSame) {
  const SizeModel model = SizeModel::fixed(42);

  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(size_of(model, i, 3, i), 42U);
  EXPECT_TRUE(model.is_fixed());
  EXPECT_EQ(model.range(), (ByteRange{42, 42}));
}

TEST(SizeModel, ARangeGivesEachOfItsSizes) {
  const SizeModel model = SizeModel::uniform({.min = 10, .max = 20});
  std::set<std::size_t> sizes;

  for (std::uint64_t i = 0; i < 1000; ++i) sizes.insert(size_of(model, 1, 1, i));

  EXPECT_EQ(sizes.size(), 11U);
  EXPECT_EQ(*sizes.begin(), 10U);
  EXPECT_EQ(*sizes.rbegin(), 20U);
}

// The draws are the same each time, so these bounds hold or do not: four standard errors.
TEST(SizeModel, TheMeansAreWhatTheySay) {
  constexpr std::uint64_t requests = 200'000;
  const double root = std::sqrt(static_cast<double>(requests));

  EXPECT_NEAR(mean_of(SizeModel::uniform({.min = 100, .max = 1400}), requests), 750,
              4 * 1300 / std::sqrt(12.0) / root);
  for (const std::size_t mean : {2UL, 10UL, 256UL, 100'000UL}) {
    SCOPED_TRACE(mean);
    const double wanted = static_cast<double>(mean);
    EXPECT_NEAR(mean_of(SizeModel::exponential(mean), requests), wanted, 4 * wanted / root);
  }
}

TEST(SizeModel, AnExponentialSizeHasTheShapeOfOne) {
  const SizeModel model = SizeModel::exponential(1000);
  constexpr std::uint64_t requests = 100'000;
  std::uint64_t above_mean = 0;
  std::uint64_t above_three_means = 0;

  for (std::uint64_t i = 0; i < requests; ++i) {
    const std::size_t size = size_of(model, 7, 1, i);
    ASSERT_GE(size, 1U);
    ASSERT_LE(size, model.range().max);
    above_mean += size > 1000 ? 1 : 0;
    above_three_means += size > 3000 ? 1 : 0;
  }

  EXPECT_NEAR(static_cast<double>(above_mean) / requests, std::exp(-1.0), 0.007);
  EXPECT_NEAR(static_cast<double>(above_three_means) / requests, std::exp(-3.0), 0.003);
}

TEST(SizeModel, SizesDependOnSeedConnectionAndRequestAlone) {
  const SizeModel model = SizeModel::uniform({.min = 1, .max = 1'000'000});
  const std::size_t size = size_of(model, 1, 2, 3);

  EXPECT_EQ(size_of(model, 1, 2, 3), size);
  EXPECT_NE(size_of(model, 2, 2, 3), size);
  EXPECT_NE(size_of(model, 1, 3, 3), size);
  EXPECT_NE(size_of(model, 1, 2, 4), size);
}

TEST(SizeModel, NeighboursAreNotAlike) {
  const SizeModel model = SizeModel::uniform({.min = 1, .max = 1 << 20});
  std::set<std::size_t> sizes;

  for (std::uint32_t connection = 0; connection < 30; ++connection) {
    for (std::uint64_t request = 0; request < 30; ++request) {
      sizes.insert(size_of(model, 0, connection, request));
    }
  }

  EXPECT_GE(sizes.size(), 890U);  // 900 draws of a million: less than one pair is expected
}

}  // namespace
}  // namespace weir::tools::load
