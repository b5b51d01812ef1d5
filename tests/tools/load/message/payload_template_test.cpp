#include "tools/weir/load/message/payload_template.h"

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::load {
namespace {

using Parts = std::vector<PayloadTemplate::Part>;

std::string written(const PayloadTemplate& pattern, TemplateFacts facts) {
  std::string text = "what was there";
  pattern.write(facts, text);
  return text;
}

PayloadTemplate drawing_template() {
  return PayloadTemplate(Parts{std::string("k="), PayloadTemplate::RandomText{20},
                               PayloadTemplate::HexDigits{20},
                               PayloadTemplate::Integer{0, UINT64_MAX}});
}

TEST(PayloadTemplate, IsTheSameForTheSameRequest) {
  const PayloadTemplate pattern = drawing_template();
  const TemplateFacts facts{.seed = 1, .connection = 2, .request = 3};

  EXPECT_EQ(written(pattern, facts), written(pattern, facts));
}

TEST(PayloadTemplate, IsAnotherForAnotherSeedConnectionOrRequest) {
  const PayloadTemplate pattern = drawing_template();
  std::set<std::string> texts;

  for (const TemplateFacts facts : {TemplateFacts{.seed = 1, .connection = 2, .request = 3},
                                    TemplateFacts{.seed = 2, .connection = 2, .request = 3},
                                    TemplateFacts{.seed = 1, .connection = 3, .request = 3},
                                    TemplateFacts{.seed = 1, .connection = 2, .request = 4}}) {
    texts.insert(written(pattern, facts));
  }

  EXPECT_EQ(texts.size(), 4U);
}

TEST(PayloadTemplate, EveryNumberOfARangeIsDrawn) {
  const PayloadTemplate pattern(Parts{PayloadTemplate::Integer{1, 9}});
  std::set<std::string> drawn;

  for (std::uint64_t i = 0; i < 500; ++i) drawn.insert(written(pattern, {.request = i}));

  EXPECT_THAT(drawn, ::testing::ElementsAre("1", "2", "3", "4", "5", "6", "7", "8", "9"));
}

TEST(PayloadTemplate, WideRangesStayWithinTheirBounds) {
  constexpr std::uint64_t min = 5;
  constexpr std::uint64_t max = (1ULL << 33) + 7;
  const PayloadTemplate pattern(Parts{PayloadTemplate::Integer{min, max}});
  std::uint64_t above_half = 0;

  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::uint64_t drawn = std::stoull(written(pattern, {.request = i}));
    ASSERT_GE(drawn, min);
    ASSERT_LE(drawn, max);
    above_half += drawn > (min + max) / 2 ? 1 : 0;
  }

  EXPECT_NEAR(static_cast<double>(above_half), 5000, 200);  // four standard errors
}

TEST(PayloadTemplate, EveryLineIsPicked) {
  const PayloadTemplate pattern(Parts{PayloadTemplate::PickedLine{{"a", "", "ccc"}}});
  std::set<std::string> picked;

  for (std::uint64_t i = 0; i < 200; ++i) picked.insert(written(pattern, {.request = i}));

  EXPECT_THAT(picked, ::testing::ElementsAre("", "a", "ccc"));
}

TEST(PayloadTemplate, KnowsHowLongItCanBe) {
  struct Row {
    PayloadTemplate::Part part;
    ByteRange range;
  };
  const std::vector<Row> rows = {
      {std::string("four"), {4, 4}},
      {PayloadTemplate::RequestNumber{}, {1, 20}},
      {PayloadTemplate::ConnectionNumber{}, {1, 10}},
      {PayloadTemplate::DueTime{}, {1, 19}},
      {PayloadTemplate::RandomText{16}, {16, 16}},
      {PayloadTemplate::HexDigits{8}, {8, 8}},
      {PayloadTemplate::Integer{9, 1000}, {1, 4}},
      {PayloadTemplate::PickedLine{{"a", "", "ccc"}}, {0, 3}},
  };
  ByteRange total;
  Parts parts;
  for (const Row& row : rows) {
    EXPECT_EQ(PayloadTemplate(Parts{row.part}).range(), row.range);
    total.min += row.range.min;
    total.max += row.range.max;
    parts.push_back(row.part);
  }

  const PayloadTemplate all(parts);
  const std::string longest =
      written(all, {.connection = UINT32_MAX, .request = UINT64_MAX, .unix_time_ns = INT64_MAX});

  EXPECT_EQ(all.range(), total);
  EXPECT_LE(longest.size(), total.max);
}

TEST(PayloadTemplate, KnowsWhatMatters) {
  const PayloadTemplate plain(Parts{std::string("a\r")});
  const PayloadTemplate timed(Parts{std::string("a\n"), PayloadTemplate::DueTime{}});

  EXPECT_FALSE(plain.has_time());
  EXPECT_FALSE(plain.has_line_end());
  EXPECT_TRUE(timed.has_time());
  EXPECT_TRUE(timed.has_line_end());
}

}  // namespace
}  // namespace weir::tools::load
