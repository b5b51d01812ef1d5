#include "weir/base/error.h"

#include <cerrno>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "weir/base/result.h"

namespace weir {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr Error all_errors[] = {
    Error::cancelled,
    Error::deadline_exceeded,
    Error::end_of_stream,
    Error::closed,
    Error::busy,
    Error::pool_exhausted,
    Error::out_queue_full,
    Error::address_invalid,
    Error::backend_unavailable,
    Error::shutting_down,
    Error::channel_closed,
    Error::too_many_connections,
    Error::limit_exceeded,
    Error::option_invalid,
    Error::unsupported,
    Error::frame_too_large,
    Error::frame_too_small,
    Error::frame_malformed,
    Error::length_negative,
    Error::length_not_minimal,
    Error::length_overflow,
    Error::checksum_mismatch,
    Error::text_not_utf8,
    Error::header_size_invalid,
    Error::header_malformed,
    Error::header_key_duplicate,
    Error::payload_size_invalid,
};

TEST(Error, EachCodeHasItsOwnSentence) {
  std::set<std::string> sentences;

  for (const Error error : all_errors) {
    const std::string sentence = make_error_code(error).message();
    EXPECT_THAT(sentence, Not(HasSubstr("unknown")));
    sentences.insert(sentence);
  }

  EXPECT_EQ(sentences.size(), std::size(all_errors));
}

TEST(Error, NoCodeIsZeroBecauseZeroMeansNoError) {
  for (const Error error : all_errors) EXPECT_TRUE(static_cast<bool>(make_error_code(error)));
}

TEST(Error, AnUnknownValueHasAMessageToo) {
  const std::error_code code(9999, error_category());

  EXPECT_EQ(code.message(), "unknown error");
  EXPECT_EQ(code.default_error_condition().category(), error_category());
}

TEST(Error, ComparesWithTheEnum) {
  const std::error_code code = Error::cancelled;

  EXPECT_EQ(code, Error::cancelled);
  EXPECT_NE(code, Error::closed);
  EXPECT_STREQ(code.category().name(), "weir");
}

TEST(Error, ComparesWithPortableConditions) {
  struct Comparison {
    Error error;
    std::errc condition;
  };
  for (const auto& pair :
       {Comparison{Error::cancelled, std::errc::operation_canceled},
        Comparison{Error::deadline_exceeded, std::errc::timed_out},
        Comparison{Error::closed, std::errc::bad_file_descriptor},
        Comparison{Error::busy, std::errc::device_or_resource_busy},
        Comparison{Error::pool_exhausted, std::errc::no_buffer_space},
        Comparison{Error::out_queue_full, std::errc::resource_unavailable_try_again},
        Comparison{Error::address_invalid, std::errc::invalid_argument},
        Comparison{Error::channel_closed, std::errc::broken_pipe},
        Comparison{Error::limit_exceeded, std::errc::message_size},
        Comparison{Error::frame_too_large, std::errc::message_size},
        Comparison{Error::option_invalid, std::errc::invalid_argument},
        Comparison{Error::unsupported, std::errc::operation_not_supported}}) {
    const std::error_code code = pair.error;

    EXPECT_EQ(code, pair.condition) << code.message();
  }
}

TEST(Error, ErrnoValuesStayInTheSystemCategory) {
  const std::error_code code = from_errno(ECONNRESET);

  EXPECT_EQ(code, std::errc::connection_reset);
  EXPECT_EQ(code.category(), std::system_category());
  EXPECT_NE(code, make_error_code(Error::closed));
}

Result<int> half(int value) {
  if (value < 0) return fail(Error::option_invalid);
  if (value % 2 != 0) return fail_errno(EDOM);
  return value / 2;
}

TEST(Result, CarriesAValueOrTheReasonThereIsNone) {
  EXPECT_EQ(half(4), 2);
  EXPECT_EQ(half(-1).error(), Error::option_invalid);
  EXPECT_EQ(half(3).error(), std::errc::argument_out_of_domain);
}

TEST(Result, FailPassesAnErrorOn) {
  const auto pass_on = [](int value) -> Result<> {
    if (const auto result = half(value); !result) return fail(result.error());
    return {};
  };

  EXPECT_TRUE(pass_on(2));
  EXPECT_EQ(pass_on(-2).error(), Error::option_invalid);
}

}  // namespace
}  // namespace weir
