#include "weir/protocols/frame_view.h"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "weir/protocols/byte_cursor.h"

namespace weir::protocols {
namespace {

using test::heap_buffer;
using test::HomePool;

Chain chain_of(std::initializer_list<std::string_view> pieces) {
  Chain chain;
  for (const std::string_view piece : pieces) chain.append(heap_buffer(piece));
  return chain;
}

std::vector<std::string> pieces_of(const FrameView& view) {
  std::vector<std::string> pieces;
  for (const auto piece : view) pieces.emplace_back(as_text(piece));
  return pieces;
}

TEST(FrameView, HasAPieceForEachBufferItLiesIn) {
  const Chain chain = chain_of({"abc", "de", "fghi"});
  const ByteCursor cursor(chain);

  EXPECT_THAT(pieces_of(cursor.view(0, 9)), testing::ElementsAre("abc", "de", "fghi"));
  EXPECT_THAT(pieces_of(cursor.view(1, 2)), testing::ElementsAre("bc"));
  EXPECT_THAT(pieces_of(cursor.view(2, 4)), testing::ElementsAre("c", "de", "f"));
  EXPECT_THAT(pieces_of(cursor.view(3, 2)), testing::ElementsAre("de"));
  EXPECT_THAT(pieces_of(cursor.view(9, 0)), testing::ElementsAre());
}

TEST(FrameView, ReadsTheSameBytesAtEachPlaceOfAChain) {
  const std::string_view text = "abcdefghi";
  const Chain chain = chain_of({"abc", "de", "fghi"});
  for (std::size_t from = 0; from <= text.size(); ++from) {
    ByteCursor cursor(chain);
    cursor.advance(from);
    ASSERT_EQ(cursor.position(), from);
    ASSERT_EQ(cursor.size(), text.size() - from);
    for (std::size_t count = 0; from + count <= text.size(); ++count) {
      SCOPED_TRACE(testing::Message() << from << ", " << count);
      const FrameView view = cursor.view(0, count);

      EXPECT_EQ(view.to_string(), text.substr(from, count));
      EXPECT_TRUE(view == text.substr(from, count));
      EXPECT_FALSE(view == std::string_view("no such text"));
      EXPECT_TRUE(view.without_front(count / 2) ==
                  text.substr(from + count / 2, count - count / 2));
      EXPECT_TRUE(view.without_back(count / 2) == text.substr(from, count - count / 2));
      EXPECT_EQ(view.retain(), text.substr(from, count));
      std::array<std::byte, 9> storage;
      EXPECT_EQ(as_text(view.coalesce_into(storage)), text.substr(from, count));
    }
  }
}

TEST(FrameView, OfNothingLooksAtNoBuffer) {
  Chain chain(heap_buffer("abc"));
  ByteCursor at_end(chain);
  at_end.advance(3);
  EXPECT_TRUE(at_end.view(0, 0).retain().empty());

  // What a chain's first buffer was is still where it was: the sanitizers see who looks at it.
  chain.trim_front(3);
  const FrameView nothing = ByteCursor(chain).view(0, 0);

  EXPECT_TRUE(nothing.is_contiguous());
  EXPECT_EQ(nothing.copy_to({}), 0u);
  EXPECT_TRUE(nothing.retain().empty());
  EXPECT_TRUE(pieces_of(nothing).empty());
}

TEST(FrameView, CopiesNothingToCoalesceWhatLiesInOneBuffer) {
  const Chain chain = chain_of({"abc", "de"});
  std::array<std::byte, 5> storage;

  const auto bytes = ByteCursor(chain).view(0, 3).coalesce_into(storage);

  EXPECT_EQ(bytes.data(), chain.front().data());
}

TEST(FrameView, RetainsByCopyBelowTheLimitAndByReferenceFromIt) {
  HomePool pool;
  const Chain chain(pool.buffer(std::string(1000, 'x')));
  const Slab* const slab = chain.front().slab();
  const int references = slab->refs;
  const ByteCursor cursor(chain);

  const Chain small = cursor.view(0, FrameView::copied_bytes_max - 1).retain();
  EXPECT_NE(small.front().data(), chain.front().data());

  const Chain large = cursor.view(0, FrameView::copied_bytes_max).retain();
  EXPECT_EQ(large.front().data(), chain.front().data());
  EXPECT_GT(slab->refs, references);
}

TEST(FrameView, IsRetainedByReferenceWhenThePoolIsExhausted) {
  HomePool pool(2);
  Buffer slab = pool.slab();
  slab.writable()[0] = std::byte{'a'};
  const Chain chain(std::move(slab));

  const Chain frame = ByteCursor(chain).view(0, 1).retain();

  EXPECT_EQ(frame, std::string_view("a"));
  EXPECT_EQ(frame.front().data(), chain.front().data());
}

TEST(FrameView, OutlivesMemoryThatBelongsToNobodyOnceRetained) {
  Chain frame;
  {
    const std::string text(1000, 'x');
    frame = FrameView(as_bytes(text)).retain();
  }

  EXPECT_EQ(frame, std::string(1000, 'x'));
}

}  // namespace
}  // namespace weir::protocols
