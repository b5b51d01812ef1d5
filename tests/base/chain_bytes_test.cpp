// What Chain does with its bytes: copies, gathers, searches, comparisons.
#include <array>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/home_pool.h"
#include "weir/base/bytes.h"
#include "weir/base/chain.h"

namespace weir {
namespace {

using test::heap_buffer;
using test::heap_chain;

// `whole` cut into pieces of `piece_bytes`.
Chain cut(const std::string& whole, std::size_t piece_bytes) {
  Chain chain;
  for (std::size_t at = 0; at < whole.size(); at += piece_bytes) {
    chain.append(heap_buffer(whole.substr(at, piece_bytes)));
  }
  return chain;
}

std::optional<std::size_t> expected(std::size_t position) {
  if (position == std::string::npos) return std::nullopt;
  return position;
}

TEST(ChainCopy, CopiesAsMuchAsFits) {
  const std::string whole = "abbcccdddd";
  const Chain chain = heap_chain({"a", "bb", "ccc", "dddd"});
  for (std::size_t room = 0; room <= whole.size() + 2; ++room) {
    std::string target(room, '-');

    const std::size_t copied = chain.copy_to(std::as_writable_bytes(std::span(target)));

    EXPECT_EQ(copied, std::min(room, whole.size()));
    EXPECT_EQ(target.substr(0, copied), whole.substr(0, copied));
    EXPECT_EQ(target.substr(copied), std::string(room - copied, '-'));
  }
}

TEST(ChainCopy, BecomesAString) {
  EXPECT_EQ(heap_chain({"a", "bb", "ccc"}).to_string(), "abbccc");
  EXPECT_EQ(Chain{}.to_string(), "");
}

TEST(ChainIovecs, DescribesAtMostTheEntriesAndBytesAskedFor) {
  const Chain chain = heap_chain({"a", "bb", "ccc", "dddd"});
  for (std::size_t entries_max = 0; entries_max <= 5; ++entries_max) {
    for (std::size_t bytes_max = 0; bytes_max <= 12; ++bytes_max) {
      std::array<iovec, 5> iov{};

      const std::size_t count = chain.iovecs(std::span(iov).first(entries_max), bytes_max);

      std::string gathered;
      for (const iovec& entry : std::span(iov).first(count)) {
        EXPECT_GT(entry.iov_len, 0u);
        gathered.append(static_cast<const char*>(entry.iov_base), entry.iov_len);
      }
      const std::array<std::size_t, 6> bytes_in{0, 1, 3, 6, 10, 10};
      EXPECT_EQ(gathered.size(), std::min(bytes_in[entries_max], bytes_max));
      EXPECT_EQ(gathered, std::string("abbcccdddd").substr(0, gathered.size()));
    }
  }
}

TEST(ChainFind, FindsABytesFromEveryPosition) {
  const std::string whole = "abracadabra";
  for (std::size_t piece_bytes = 1; piece_bytes <= whole.size(); ++piece_bytes) {
    const Chain chain = cut(whole, piece_bytes);
    for (const char needle : {'a', 'b', 'r', 'd', 'z'}) {
      for (std::size_t from = 0; from <= whole.size() + 1; ++from) {
        EXPECT_EQ(chain.find(static_cast<std::byte>(needle), from),
                  expected(whole.find(needle, from)));
      }
    }
  }
}

TEST(ChainFind, FindsEveryNeedleOverEverySeam) {
  const std::string whole = "aabaaabaaaabab\r\n\r\nbab";
  for (std::size_t piece_bytes = 1; piece_bytes <= whole.size(); ++piece_bytes) {
    const Chain chain = cut(whole, piece_bytes);
    for (std::size_t begin = 0; begin < whole.size(); ++begin) {
      for (std::size_t length = 0; begin + length <= whole.size(); ++length) {
        const std::string needle = whole.substr(begin, length);
        for (std::size_t from = 0; from <= whole.size(); ++from) {
          ASSERT_EQ(chain.find(needle, from), expected(whole.find(needle, from)))
              << "pieces of " << piece_bytes << ", needle [" << begin << ", +" << length
              << "], from " << from;
        }
      }
    }
  }
}

TEST(ChainFind, FindsOverUnevenSeams) {
  const Chain chain = heap_chain({"xx-", "-", "-e", "nd--", "-end"});

  EXPECT_EQ(chain.find("---end"), 2u);
  EXPECT_EQ(chain.find("---end", 3), 8u);
  EXPECT_EQ(chain.find("---end", 9), std::nullopt);
  EXPECT_EQ(chain.find("--end"), 3u);
  EXPECT_EQ(chain.find("---end---end---"), std::nullopt);
}

TEST(ChainFind, DoesNotFindWhatIsNotThere) {
  const Chain chain = heap_chain({"abab", "abab"});

  EXPECT_EQ(chain.find("ababababa"), std::nullopt);
  EXPECT_EQ(chain.find("abba"), std::nullopt);
  EXPECT_EQ(chain.find("b", 8), std::nullopt);
  EXPECT_EQ(chain.find("b", SIZE_MAX), std::nullopt);
  EXPECT_EQ(chain.find("", 8), 8u);
  EXPECT_EQ(chain.find("", 9), std::nullopt);
  EXPECT_EQ(Chain{}.find("a"), std::nullopt);
  EXPECT_EQ(Chain{}.find(""), 0u);
}

TEST(ChainFind, ResumesAfterMoreBytesArrived) {
  Chain chain = heap_chain({"GET / HTTP/1.1\r\nHost: a\r\n\r"});
  const std::string needle = "\r\n\r\n";
  ASSERT_EQ(chain.find(needle), std::nullopt);
  const std::size_t searched_bytes = chain.size() - (needle.size() - 1);

  chain.append(heap_buffer("\nbody"));

  EXPECT_EQ(chain.find(needle, searched_bytes), 23u);
}

TEST(ChainCompare, ComparesContentsHoweverTheyAreCut) {
  const std::string whole = "abbcccdddd";
  for (std::size_t a = 1; a <= whole.size(); ++a) {
    for (std::size_t b = 1; b <= whole.size(); ++b) EXPECT_EQ(cut(whole, a), cut(whole, b));
  }
}

TEST(ChainCompare, SeesADifferenceAtEveryPosition) {
  const std::string whole = "abbcccdddd";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string other = whole;
    other[at] = '!';

    EXPECT_FALSE(cut(whole, 3) == cut(other, 4));
    EXPECT_FALSE(cut(whole, 3) == other);
    EXPECT_FALSE(cut(whole, 3) == as_bytes(other));
  }
}

TEST(ChainCompare, APrefixIsNotEqual) {
  EXPECT_NE(heap_chain({"ab"}), heap_chain({"a", "bc"}));
  EXPECT_NE(heap_chain({"abc"}), "ab");
  EXPECT_NE(heap_chain({"ab"}), "abc");
  EXPECT_EQ(Chain{}, Chain{});
  EXPECT_EQ(Chain{}, as_bytes(""));
}

}  // namespace
}  // namespace weir
