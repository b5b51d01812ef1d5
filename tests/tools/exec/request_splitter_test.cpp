#include "tools/weir/exec/request_splitter.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::tools::exec {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t limit = 8;

/// What becomes of reads: the requests, and how it ended.
struct Outcome {
  std::vector<std::string> requests;
  std::error_code error;
  std::size_t rest_bytes = 0;
};

/// Feeds them one by one, and takes all requests after each.
Outcome split(RequestEnd request_end, const std::vector<std::string>& reads) {
  RequestSplitter splitter(request_end, limit);
  Outcome outcome;
  for (const std::string& read : reads) {
    splitter.append(Chain(Buffer::copy_of(std::as_bytes(std::span(read)))));
    for (;;) {
      const auto request = splitter.next();
      if (!request) {
        outcome.error = request.error();
        return outcome;
      }
      if (!*request) break;
      outcome.requests.push_back(**request);
    }
  }
  outcome.rest_bytes = splitter.bytes();
  return outcome;
}

TEST(RequestSplitter, ByReadsWhatAReadBroughtIsARequest) {
  EXPECT_THAT(split(RequestEnd::read, {"ls -l"}).requests, ElementsAre("ls -l"));
  EXPECT_THAT(split(RequestEnd::read, {"ls", "date"}).requests, ElementsAre("ls", "date"));
  EXPECT_THAT(split(RequestEnd::read, {"l", "s"}).requests, ElementsAre("l", "s"));
}

TEST(RequestSplitter, ByReadsALineEndEndsARequestToo) {
  EXPECT_THAT(split(RequestEnd::read, {"ls\ndate\r\nid"}).requests,
              ElementsAre("ls", "date", "id"));
  EXPECT_THAT(split(RequestEnd::read, {"ls\n"}).requests, ElementsAre("ls"));
  EXPECT_THAT(split(RequestEnd::read, {"ls\n\n"}).requests, ElementsAre("ls", ""));
}

TEST(RequestSplitter, ReadsAheadAreKeptApart) {
  RequestSplitter splitter(RequestEnd::read, limit);
  for (const std::string_view read : {"ls", "date\nid", "w\n"}) {
    splitter.append(Chain(Buffer::copy_of(std::as_bytes(std::span(read)))));
  }
  EXPECT_EQ(splitter.reads(), 3U);
  EXPECT_EQ(splitter.bytes(), 11U);

  std::vector<std::string> requests;
  while (const auto request = splitter.next().value()) requests.push_back(*request);

  EXPECT_THAT(requests, ElementsAre("ls", "date", "id", "w"));
  EXPECT_TRUE(splitter.empty());
  EXPECT_EQ(splitter.bytes(), 0U);
}

TEST(RequestSplitter, LinesReadAheadAreOneStream) {
  RequestSplitter splitter(RequestEnd::line, limit);
  for (const std::string_view read : {"l", "s\nda", "te\n"}) {
    splitter.append(Chain(Buffer::copy_of(std::as_bytes(std::span(read)))));
  }
  EXPECT_EQ(splitter.reads(), 1U);

  EXPECT_EQ(splitter.next().value(), "ls");
  EXPECT_EQ(splitter.next().value(), "date");
  EXPECT_EQ(splitter.next().value(), std::nullopt);
}

TEST(RequestSplitter, ByLinesRequestsDoNotDependOnTheReads) {
  const std::string text = "ls\ndate\r\n\n12345678\r\nrest";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    SCOPED_TRACE(cut);

    const Outcome outcome = split(RequestEnd::line, {text.substr(0, cut), text.substr(cut)});

    // A line end as the very first byte says something else.
    EXPECT_THAT(outcome.requests, ElementsAre("ls", "date", "", "12345678"));
    EXPECT_EQ(outcome.rest_bytes, 4U);
    EXPECT_FALSE(outcome.error);
  }
}

TEST(RequestSplitter, AFirstLineEndAsksForLines) {
  EXPECT_THAT(split(RequestEnd::read, {"\nl", "s\nda", "te\n", "\n"}).requests,
              ElementsAre("ls", "date", ""));
  EXPECT_THAT(split(RequestEnd::read, {"\n", "l", "s\n"}).requests, ElementsAre("ls"));
  EXPECT_THAT(split(RequestEnd::read, {"ls", "\n", "i", "d"}).requests,
              ElementsAre("ls", "", "i", "d"));
}

TEST(RequestSplitter, TooLongIsAnErrorAsSoonAsItIsCertain) {
  const std::error_code too_large = Error::frame_too_large;
  for (const RequestEnd request_end : {RequestEnd::read, RequestEnd::line}) {
    EXPECT_FALSE(split(request_end, {"12345678\n"}).error);
    EXPECT_FALSE(split(request_end, {"12345678\r\n"}).error);
    EXPECT_EQ(split(request_end, {"123456789\n"}).error, too_large);
    EXPECT_EQ(split(request_end, {"123456789\r\n"}).error, too_large);
    EXPECT_EQ(split(request_end, {std::string(100'000, 'x')}).error, too_large);
    EXPECT_EQ(split(request_end, {std::string(100'000, 'x') + "\n"}).error, too_large);
  }
  EXPECT_FALSE(split(RequestEnd::read, {"12345678"}).error);
  EXPECT_EQ(split(RequestEnd::read, {"123456789"}).error, too_large);
  // Nine bytes may still be eight and a CR.
  EXPECT_FALSE(split(RequestEnd::line, {"1234", "5678\r"}).error);
  EXPECT_EQ(split(RequestEnd::line, {"1234", "5678\r", "x"}).error, too_large);
}

TEST(RequestSplitter, ALineThatDripsIsFound) {
  std::vector<std::string> reads;
  for (const char character : std::string("abcdefgh\nid\n")) reads.emplace_back(1, character);

  EXPECT_THAT(split(RequestEnd::line, reads).requests, ElementsAre("abcdefgh", "id"));
  EXPECT_THAT(split(RequestEnd::line, {"abc"}).requests, IsEmpty());
}

}  // namespace
}  // namespace weir::tools::exec
