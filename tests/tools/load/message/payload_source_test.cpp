#include "tools/weir/load/message/payload_source.h"

#include <chrono>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/load/message/payload.h"
#include "tools/weir/load/message/template_parser.h"
#include "weir/base/bytes.h"

namespace weir::tools::load {
namespace {

using ::testing::Optional;

std::vector<std::byte> payload_of(PayloadSource& source, const Request& request) {
  std::vector<std::byte> bytes(request.payload_bytes);
  source.fill(request, 0, bytes);
  return bytes;
}

std::string text_of(PayloadSource& source, const Request& request) {
  const auto bytes = payload_of(source, request);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// One of each kind.
std::vector<MessageOptions> each_kind() {
  std::vector<MessageOptions> kinds(4);
  kinds[0].size = SizeModel::fixed(1500);
  kinds[1].size = SizeModel::fixed(1500);
  kinds[1].codec.wire = WireCodec::line;
  kinds[2].pattern = parse_payload_template("{seq} {rand:1400} {ts_ns}").value();
  kinds[3].file_bytes = std::string(700, 'x') + std::string(700, 'y');
  return kinds;
}

TEST(PayloadSource, GeneratedBytesNameConnectionAndRequest) {
  const MessageOptions options{.size = SizeModel::fixed(100)};
  PayloadSource source(options, /*connection=*/7, /*seed=*/1);
  std::vector<std::byte> expected(100);
  fill_payload({.connection = 7, .sequence = 5}, 0, expected);

  EXPECT_EQ(payload_of(source, source.request({.number = 5})), expected);
}

TEST(PayloadSource, LinesArePrintable) {
  MessageOptions options{.size = SizeModel::fixed(10'000)};
  options.codec.wire = WireCodec::line;
  PayloadSource source(options, 7, 1);

  for (const char character : text_of(source, source.request({.number = 5}))) {
    ASSERT_GE(character, '0');
    ASSERT_LE(character, 'o');
  }
}

TEST(PayloadSource, EveryPieceIsACutOfTheWhole) {
  for (const MessageOptions& options : each_kind()) {
    PayloadSource source(options, 3, 1);
    const Request request = source.request({.number = 9});
    const auto whole = payload_of(source, request);
    for (const std::size_t offset : {0UL, 1UL, 511UL, 512UL, 513UL, 1399UL}) {
      const std::size_t size = std::min<std::size_t>(whole.size() - offset, 600);
      const std::span cut = std::span(whole).subspan(offset, size);
      std::vector<std::byte> piece(size);
      source.fill(request, offset, piece);

      ASSERT_THAT(piece, ::testing::ElementsAreArray(cut));
      ASSERT_EQ(source.find_mismatch(request, offset, piece), std::nullopt);
      ASSERT_EQ(source.byte(request, offset), cut[0]);
    }
  }
}

TEST(PayloadSource, NoChangedByteGoesUnnoticed) {
  for (const MessageOptions& options : each_kind()) {
    PayloadSource source(options, 3, 1);
    const Request request = source.request({.number = 9});
    auto whole = payload_of(source, request);
    for (std::size_t at = 0; at < whole.size(); at += 13) {
      whole[at] ^= std::byte{0x10};

      ASSERT_THAT(source.find_mismatch(request, 0, whole), Optional(at));

      whole[at] ^= std::byte{0x10};
    }
  }
}

TEST(PayloadSource, OlderRequestsAreStillKnown) {
  MessageOptions options;
  options.pattern = parse_payload_template("{seq} {rand:8} {ts_ns}").value();
  PayloadSource source(options, 3, 1);
  const TimePoint now = Clock::now();
  const Request first = source.request({.number = 1, .due = now});
  const auto first_payload = payload_of(source, first);
  const Request second = source.request({.number = 2, .due = now + std::chrono::nanoseconds(1234)});

  EXPECT_NE(payload_of(source, second), first_payload);
  EXPECT_EQ(payload_of(source, first), first_payload);
  EXPECT_EQ(second.unix_time_ns - first.unix_time_ns, 1234);
}

TEST(PayloadSource, TimesAreUnixTimes) {
  MessageOptions options;
  options.pattern = parse_payload_template("{ts_ns}").value();
  PayloadSource source(options, 3, 1);

  const Request request = source.request({.number = 1, .due = Clock::now()});

  // Somewhere in this century: that the clocks agree more closely is theirs to say.
  EXPECT_GT(std::stoll(text_of(source, request)), 1'600'000'000'000'000'000);
  EXPECT_LT(std::stoll(text_of(source, request)), 4'100'000'000'000'000'000);
}

TEST(PayloadSource, ATraceSaysHowLongARequestIs) {
  const MessageOptions options{.trace_sizes = ByteRange{17, 18}};
  PayloadSource source(options, 3, 1);

  EXPECT_EQ(source.request({.number = 1, .payload_bytes = 17}).payload_bytes, 17U);
  EXPECT_EQ(source.request({.number = 2, .payload_bytes = 18}).payload_bytes, 18U);
  EXPECT_EQ(source.request({.number = 3}).payload_bytes, 64U) << "a line without a size";
}

TEST(PayloadSource, SizesDependOnTheSeed) {
  const MessageOptions options{.size = SizeModel::uniform({.min = 1, .max = 1'000'000})};
  PayloadSource source(options, 3, /*seed=*/1);
  PayloadSource again(options, 3, /*seed=*/1);
  PayloadSource other(options, 3, /*seed=*/2);

  EXPECT_EQ(source.request({.number = 4}).payload_bytes,
            again.request({.number = 4}).payload_bytes);
  EXPECT_NE(source.request({.number = 4}).payload_bytes,
            other.request({.number = 4}).payload_bytes);
}

}  // namespace
}  // namespace weir::tools::load
