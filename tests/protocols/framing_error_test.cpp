// Where an error is placed does not depend on how the bytes arrive either.
#include "weir/protocols/framing_error.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/codec_events.h"
#include "tests/support/home_pool.h"
#include "tests/support/wire_text.h"
#include "weir/protocols/cobs.h"
#include "weir/protocols/delimiter.h"
#include "weir/protocols/fixed_length.h"
#include "weir/protocols/json_header.h"
#include "weir/protocols/length_prefix.h"
#include "weir/protocols/line.h"
#include "weir/protocols/varint_prefix.h"

namespace weir::protocols {
namespace {

struct Place {
  Error code;
  std::uint64_t stream_offset;
  std::size_t missing_bytes = 0;
};

/// The last error of a stream in `text`, which ends if it says so, must be at `place`, however the
/// stream is cut.
template <typename MakeCodec>
void expect_error_at(Place place, MakeCodec make, std::string_view text) {
  SCOPED_TRACE(text);
  const test::WireText wire = test::wire_text(text);
  const std::string bytes = wire.bytes();
  std::vector<std::vector<std::string>> cuts;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    cuts.push_back({bytes.substr(0, cut), bytes.substr(cut)});
  }
  cuts.emplace_back();
  for (const char byte : bytes) cuts.back().emplace_back(1, byte);

  for (const auto way : test::ways()) {
    for (const auto& reads : cuts) {
      SCOPED_TRACE(way.text() + ", " + std::to_string(reads.size()) + " reads, the first of " +
                   std::to_string(reads[0].size()));
      test::EventRecorder recorder(make(), way);
      for (const std::string& read : reads) recorder.receive(read);
      if (wire.is_ended) recorder.end();

      const auto& error = recorder.deframer().error();
      ASSERT_TRUE(error);
      EXPECT_EQ(error->code, place.code);
      EXPECT_EQ(error->stream_offset, place.stream_offset);
      EXPECT_EQ(error->missing_bytes, place.missing_bytes);
    }
  }
}

auto length_prefix(const LengthPrefixOptions& options) {
  return [options] { return LengthPrefix::create(options).value(); };
}

auto line(BadFrame bad_frame, TooLargeReport report) {
  return [=] {
    return Line::create({.line_bytes_max = 4,
                         .utf8_check = Utf8Check::on,
                         .stream_rest = StreamRest::is_frame,
                         .bad_frame = bad_frame,
                         .too_large_report = report})
        .value();
  };
}

const auto varint = [] { return VarintPrefix({.payload_bytes_max = 300}); };
const auto json = [] { return JsonHeader({.header_bytes_max = 64, .payload_bytes_max = 8}); };
const auto fixed = [] { return FixedLength::create(4).value(); };
const auto delimiter = [] {
  return Delimiter::create({.delimiters = {"::"}, .frame_bytes_max = 4}).value();
};
const auto cobs = [] { return Cobs::create({.payload_bytes_max = 8}).value(); };

void check_bad_frames() {
  using enum BadFrame;
  using enum TooLargeReport;
  expect_error_at({Error::frame_too_large, 5},
                  length_prefix({.frame_bytes_max = 8, .width_bytes = 1}), "0161 026263 0941");
  expect_error_at({Error::frame_too_large, 5},
                  length_prefix({.frame_bytes_max = 8, .width_bytes = 1, .bad_frame = is_skipped}),
                  "0161 026263 09(41)*9 0142");
  expect_error_at(
      {Error::checksum_mismatch, 5},
      length_prefix({.frame_bytes_max = 8, .width_bytes = 1, .checksum = Checksum::crc32c_after}),
      "00 00000000 0161 00000000");
  expect_error_at({Error::length_not_minimal, 2}, varint, "0161 8000");
  expect_error_at({Error::frame_too_large, 2}, varint, "0161 ad02");
  expect_error_at({Error::payload_size_invalid, 20}, json,
                  "J'{\"data_size\": 0}' J'{\"size\": 0}'");
  expect_error_at({Error::frame_too_large, 3}, delimiter, "'a::abcdefghi'");
  expect_error_at({Error::frame_too_large, 2}, line(ends_stream, at_once), "'a' 0a 'abcdefg' 0a");
  expect_error_at({Error::text_not_utf8, 2}, line(is_skipped, at_once), "'a' 0a ff 0a 'b' 0a");
  expect_error_at({Error::frame_malformed, 3}, cobs, "0211 00 0511 00");
}

TEST(FramingError, IsAtTheFirstByteOfTheBadFrame) {
  check_bad_frames();
  const test::HomePool pool;
  check_bad_frames();
}

TEST(FramingError, OfAFrameReportedAfterItWasSkippedIsBehindIt) {
  using enum BadFrame;
  using enum TooLargeReport;
  expect_error_at({Error::frame_too_large, 12},
                  length_prefix({.frame_bytes_max = 8,
                                 .width_bytes = 1,
                                 .bad_frame = is_skipped,
                                 .too_large_report = after_skipping}),
                  "0161 09(41)*9 0142");
  expect_error_at({Error::frame_too_large, 10}, line(is_skipped, after_skipping),
                  "'a' 0a 'abcdefg' 0a 'b' 0a");
}

TEST(FramingError, OfAnEndInsideAFrameSaysWhatIsMissing) {
  expect_error_at({Error::end_of_stream, 2, 4},
                  length_prefix({.frame_bytes_max = 8, .width_bytes = 1}), "0161 0561 $");
  expect_error_at({Error::end_of_stream, 2, 299}, varint, "0161 ac02 62 $");
  expect_error_at({Error::end_of_stream, 2, 1}, varint, "0161 ac $");
  expect_error_at({Error::end_of_stream, 20, 2}, json, "J'{\"data_size\": 0}' 1000 $");
  expect_error_at({Error::end_of_stream, 20, 7}, json,
                  "J'{\"data_size\": 0}' J'{\"data_size\": 8}' 61 $");
  expect_error_at({Error::end_of_stream, 4, 3}, fixed, "'abcd' 'e' $");
  expect_error_at({Error::end_of_stream, 3, 1}, delimiter, "'a::b:' $");
  expect_error_at({Error::end_of_stream, 3, 1}, cobs, "0211 00 03 $");
}

TEST(FramingError, OfARestThatIsABadLineIsAtItsFirstByte) {
  using enum BadFrame;
  using enum TooLargeReport;
  expect_error_at({Error::text_not_utf8, 2}, line(ends_stream, at_once), "'a' 0a ff $");
  expect_error_at({Error::frame_too_large, 2}, line(ends_stream, at_once), "'a' 0a 'abcd' 0d $");
}

}  // namespace
}  // namespace weir::protocols
