#include "weir/protocols/codec.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/buffer.h"
#include "weir/base/bytes.h"

namespace weir::protocols {
namespace {

/// Text lines that end in '\n': the smallest useful codec.
struct LineCodec {
  using Frame = std::string;

  std::size_t line_bytes_max;

  Result<std::optional<Frame>> decode(Chain& input) {
    const auto end = input.find(std::byte{'\n'});
    if (end.value_or(input.size()) > line_bytes_max) return fail(Error::limit_exceeded);
    if (!end) return std::nullopt;
    auto line = input.split(*end).to_string();
    input.trim_front(1);
    return line;
  }

  Result<> encode(Frame line, Chain& output) {
    if (line.size() > line_bytes_max) return fail(Error::limit_exceeded);
    line += '\n';
    output.append(Buffer::copy_of(as_bytes(std::string_view{line})));
    return {};
  }
};

static_assert(Codec<LineCodec>);

struct WithoutEncode {
  using Frame = std::string;
  Result<std::optional<Frame>> decode(Chain& input);
};

static_assert(!Codec<WithoutEncode>);

struct WithoutWayToAskForMore {
  using Frame = std::string;
  Result<Frame> decode(Chain& input);
  Result<> encode(Frame frame, Chain& output);
};

static_assert(!Codec<WithoutWayToAskForMore>);

Chain chain_of(std::string_view text) {
  Chain chain;
  chain.append(Buffer::copy_of(as_bytes(text)));
  return chain;
}

/// Written against the concept alone, as FramedStream is.
template <Codec C>
Result<std::vector<typename C::Frame>> decode_all(C& codec, Chain& input) {
  std::vector<typename C::Frame> frames;
  for (;;) {
    auto frame = codec.decode(input);
    if (!frame) return std::unexpected(frame.error());
    if (!*frame) return frames;
    frames.push_back(std::move(**frame));
  }
}

TEST(Codec, TakesWholeFramesAndLeavesThePartialOne) {
  LineCodec codec{.line_bytes_max = 16};
  auto input = chain_of("one\ntwo\nthr");

  const auto lines = decode_all(codec, input);

  ASSERT_TRUE(lines.has_value());
  EXPECT_THAT(*lines, testing::ElementsAre("one", "two"));
  EXPECT_EQ(input.to_string(), "thr");
}

TEST(Codec, FindsTheSameFramesAtEverySplitPoint) {
  const std::string_view wire = "one\n\nthree\n";

  for (std::size_t split = 0; split <= wire.size(); ++split) {
    SCOPED_TRACE(split);
    LineCodec codec{.line_bytes_max = 16};
    auto input = chain_of(wire.substr(0, split));

    auto lines = decode_all(codec, input).value();
    input.append(chain_of(wire.substr(split)));
    const auto rest = decode_all(codec, input).value();
    lines.insert(lines.end(), rest.begin(), rest.end());

    EXPECT_THAT(lines, testing::ElementsAre("one", "", "three"));
    EXPECT_TRUE(input.empty());
  }
}

TEST(Codec, RefusesAFrameOverItsLimitBeforeTheFrameIsWhole) {
  LineCodec codec{.line_bytes_max = 4};
  auto input = chain_of("12345");

  const auto lines = decode_all(codec, input);

  ASSERT_FALSE(lines.has_value());
  EXPECT_EQ(lines.error(), Error::limit_exceeded);
}

TEST(Codec, DecodesWhatItEncoded) {
  LineCodec codec{.line_bytes_max = 16};
  Chain wire;

  const auto first = codec.encode("one", wire);
  const auto second = codec.encode("", wire);

  ASSERT_TRUE(first.has_value());
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(wire.to_string(), "one\n\n");
  EXPECT_THAT(decode_all(codec, wire).value(), testing::ElementsAre("one", ""));
}

}  // namespace
}  // namespace weir::protocols
