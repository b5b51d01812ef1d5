#include "tools/weir/load/stats/paired_comparison.h"

#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

/// `rounds` measurements around `mean`, each off by a factor with this deviation of its logarithm.
std::vector<double> noisy(std::uint64_t seed, std::size_t rounds, double mean, double deviation) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> noise(0, deviation);
  std::vector<double> values(rounds);
  for (double& value : values) value = mean * std::exp(noise(random));
  return values;
}

PairedComparison compare(const PairedSamples& samples) { return compare_pairs(samples).value(); }

TEST(SignFlip, EnumeratesFewRounds) {
  EXPECT_EQ(sign_flip_p_value({}), 1);
  // All of one sign: only the pattern itself and its mirror image reach as far.
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector{0.1}), 1);
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector{0.1, 0.2, 0.3}), 2.0 / 8);
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector{-0.1, -0.2, -0.3, -0.1, -0.1, -0.1}), 2.0 / 64);
  // Sums of 1, 2, 4 and -3 reach 4: those with 4 and 3 of one sign (8), or 4 and -3 with 1 and 2.
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector{1.0, 2.0, 4.0, -3.0}), 10.0 / 16);
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector{0.1, -0.1, 0.3, -0.3}), 1);
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector(13, 0.1)), 2.0 / 8192);
}

TEST(SignFlip, SamplesManyRounds) {
  EXPECT_DOUBLE_EQ(sign_flip_p_value(std::vector(70, 0.1)), 1.0 / 10'001);

  // Half of 14 rounds up, half down, is what chance gives; 12 to 2 has a p of 2 * 106 / 2^14.
  std::vector<double> even(14, 0.1);
  for (std::size_t i = 0; i < 7; ++i) even[i] = -0.1;
  std::vector<double> uneven(14, 0.1);
  uneven[3] = uneven[9] = -0.1;
  EXPECT_DOUBLE_EQ(sign_flip_p_value(even), 1);
  EXPECT_NEAR(sign_flip_p_value(uneven), 2.0 * 106 / 16'384, 0.003);
}

TEST(SignFlip, IsUniformWithoutADifference) {
  int significant = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    std::vector<double> logs = noisy(seed, 12, 1, 0.1);
    for (double& log : logs) log = std::log(log);
    significant += sign_flip_p_value(logs) <= 0.05 ? 1 : 0;
  }

  // 20 expected; 4.4 is the standard deviation.
  EXPECT_GE(significant, 7);
  EXPECT_LE(significant, 33);
}

TEST(PairedComparison, TellsFasterFromSlowerEitherWay) {
  const std::vector<double> a = noisy(1, 24, 100, 0.02);
  const std::vector<double> b = noisy(2, 24, 120, 0.02);
  const std::vector<double> a_again = noisy(3, 24, 100, 0.02);

  const PairedComparison rate = compare({a, b, a_again, BetterWhen::higher});
  const PairedComparison latency = compare({a, b, a_again, BetterWhen::lower});
  const PairedComparison swapped = compare({b, a, {}, BetterWhen::higher});

  EXPECT_EQ(to_text(rate.verdict), "faster");
  EXPECT_NEAR(rate.ratio.estimate, 1.2, 0.03);
  EXPECT_LT(rate.p_value, 0.001);
  EXPECT_TRUE(rate.halves_agree);
  ASSERT_TRUE(rate.no_change);
  EXPECT_NEAR(rate.no_change->estimate, 1, 0.02);
  EXPECT_EQ(to_text(latency.verdict), "slower");
  EXPECT_EQ(to_text(swapped.verdict), "slower");
  EXPECT_FALSE(swapped.no_change);
}

TEST(PairedComparison, NoiseIsNoDifference) {
  const std::vector<double> a = noisy(1, 24, 100, 0.03);
  const std::vector<double> b = noisy(2, 24, 100, 0.03);

  EXPECT_EQ(to_text(compare({a, b}).verdict), "no difference shown");
}

TEST(PairedComparison, SureButSmallIsNoDifference) {
  const std::vector<double> a(24, 100);

  EXPECT_EQ(to_text(compare({a, std::vector<double>(24, 101.9)}).verdict), "no difference shown");
  EXPECT_EQ(to_text(compare({a, std::vector<double>(24, 102.1)}).verdict), "faster");
  EXPECT_EQ(to_text(compare({a, std::vector<double>(24, 98.1)}).verdict), "no difference shown");
  EXPECT_EQ(to_text(compare({a, std::vector<double>(24, 97.9)}).verdict), "slower");
}

TEST(PairedComparison, AnEffectMustExceedThatOfNoChange) {
  const std::vector<double> a(24, 100);
  const std::vector<double> b(24, 104);
  std::vector<double> wide(24, 96);
  for (std::size_t i = 0; i < wide.size(); i += 2) wide[i] = 104;

  const PairedComparison shifted = compare({a, b, std::vector<double>(24, 105)});
  const PairedComparison spread = compare({a, b, wide});

  EXPECT_EQ(to_text(shifted.verdict), "no difference shown");
  ASSERT_TRUE(spread.no_change);
  EXPECT_GT(spread.no_change->half_width(), 0.005);
  EXPECT_EQ(to_text(compare({a, b, std::vector<double>(24, 103)}).verdict), "faster");
}

TEST(PairedComparison, FewRoundsShowNothing) {
  const std::vector<double> a(6, 100);
  const std::vector<double> b(6, 200);
  const PairedSamples five{std::span(a).first(5), std::span(b).first(5)};

  EXPECT_EQ(to_text(compare(five).verdict), "no difference shown");
  EXPECT_EQ(to_text(compare({a, b}).verdict), "faster");
}

TEST(PairedComparison, AWideNoChangeIsUnstable) {
  const std::vector<double> a = noisy(1, 12, 100, 0.01);
  const std::vector<double> b = noisy(2, 12, 200, 0.01);
  const std::vector<double> a_again = noisy(3, 12, 100, 0.3);

  const PairedComparison comparison = compare({a, b, a_again});

  ASSERT_TRUE(comparison.no_change);
  EXPECT_GT(comparison.no_change->half_width(), 0.05);
  EXPECT_EQ(to_text(comparison.verdict), "unstable");
}

TEST(PairedComparison, HalvesThatContradictAreUnstable) {
  const std::vector<double> a(24, 100);
  std::vector<double> b = noisy(2, 24, 110, 0.01);
  for (std::size_t i = 12; i < 24; ++i) b[i] *= 1.2;

  const PairedComparison comparison = compare({a, b});

  EXPECT_FALSE(comparison.halves_agree);
  EXPECT_EQ(to_text(comparison.verdict), "unstable");
  // Of 11 rounds each half has 5, too few to tell.
  EXPECT_TRUE(compare({std::span(a).first(11), std::span(b).subspan(8, 11)}).halves_agree);
}

TEST(PairedComparison, RefusesUnequalSeries) {
  const std::vector<double> six(6, 1.0);
  const std::vector<double> five(5, 1.0);

  EXPECT_FALSE(compare_pairs({six, five}));
  EXPECT_FALSE(compare_pairs({six, six, five}));
  EXPECT_FALSE(compare_pairs({{}, {}}));
}

}  // namespace
}  // namespace weir::tools::load
