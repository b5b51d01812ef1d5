// The log's writer and its reader: each is checked against the format's text, and both together.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/seed.h"
#include "tools/weir/load/stats/histogram_codec.h"
#include "tools/weir/load/stats/hlog_reader.h"
#include "tools/weir/load/stats/hlog_writer.h"

namespace weir::tools::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using TimePoint = std::chrono::system_clock::time_point;

constexpr TimePoint start{milliseconds(1'764'359'356'250)};
constexpr const char* version = "#[Histogram log format version 1.3]\n";

Histogram histogram_of(std::initializer_list<std::uint64_t> values) {
  Histogram histogram;
  for (const std::uint64_t value : values) histogram.record(value);
  return histogram;
}

std::expected<std::vector<HlogInterval>, HlogError> read_all(const std::string& text) {
  std::istringstream input(text);
  HlogReader reader(input);
  std::vector<HlogInterval> intervals;
  for (;;) {
    auto interval = reader.next();
    if (!interval) return std::unexpected(interval.error());
    if (!*interval) return intervals;
    intervals.push_back(std::move(**interval));
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

TEST(HlogWriter, WritesTheHeaderOfTheFormat) {
  const std::string header = hlog_header({.start = start, .comments = {"weir load"}});

  EXPECT_EQ(header,
            "# weir load\n"
            "#[Histogram log format version 1.3]\n"
            "#[StartTime: 1764359356.250 (seconds since epoch), 2025-11-28T19:49:16Z]\n"
            "#[BaseTime: 1764359356.250 (seconds since epoch)]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\","
            "\"Interval_Compressed_Histogram\"\n");
}

TEST(HlogWriter, KeepsHeaderLinesShortAndSingle) {
  const std::string umlauts(200, '\xc3');  // not even valid
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ü";

  const auto lines = lines_of(hlog_header(
      {.start = start, .comments = {std::string(500, 'x'), umlauts, "a\nb\r\t\x7f", text, ""}}));

  ASSERT_EQ(lines.size(), 9U);
  for (const std::string& line : lines) EXPECT_LT(line.size(), 127U);
  EXPECT_EQ(lines[0], "# " + std::string(124, 'x'));
  EXPECT_EQ(lines[2], "# a b   ");
  EXPECT_EQ(lines[3], "# " + text.substr(0, 124));
  EXPECT_EQ(lines[4], "# ");
}

TEST(HlogWriter, WritesALineForAnInterval) {
  const Histogram histogram = histogram_of({1'000, 3'104'000});

  const std::string line =
      hlog_line("response", {.start = milliseconds(2'000), .length = milliseconds(999)}, histogram);

  EXPECT_EQ(line, "Tag=response,2.000,0.999,3.104," + encode_histogram(histogram) + "\n");
}

TEST(HlogWriter, KnowsWhatATagIs) {
  for (const char* const tag : {"response", "kernel_rtt", "a=b", "ü"}) {
    EXPECT_TRUE(is_hlog_tag(tag)) << tag;
  }
  for (const char* const tag : {"", "a,b", "a b", "a\tb", "a\n", "\"a\"", "\x7f"}) {
    EXPECT_FALSE(is_hlog_tag(tag)) << tag;
  }
}

TEST(HlogWriter, RefusesWhatIsNoTagAndGoesOn) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK), 0);
  auto writer = HlogWriter::create(LineOutput(ends[1]), {.start = start});
  ASSERT_TRUE(writer);

  const auto refused = writer->write("a,b", {}, Histogram());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), Error::option_invalid);
  EXPECT_TRUE(writer->write("a", {}, Histogram()));
  EXPECT_FALSE(writer->is_broken());
  ::close(ends[0]);
}

TEST(HlogWriter, AFullDiskIsReportedOnce) {
  const auto writer = HlogWriter::create("/dev/full", {.start = start});

  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error(), std::errc::no_space_on_device);
}

TEST(HlogWriter, AReaderThatWentAwayIsReportedOnce) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
  auto writer = HlogWriter::create(LineOutput(ends[1]), {.start = start});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->write("a", {}, histogram_of({1})));
  ::close(ends[0]);

  const auto first = writer->write("a", {}, histogram_of({2}));

  ASSERT_FALSE(first);
  EXPECT_EQ(first.error(), std::errc::broken_pipe);
  EXPECT_TRUE(writer->is_broken());
  EXPECT_TRUE(writer->write("a", {}, histogram_of({3})));
  EXPECT_TRUE(writer->close());
}

TEST(Hlog, IsReadAsItWasWritten) {
  const test::Seed seed;
  SCOPED_TRACE(seed.text());
  std::mt19937_64 random(seed.value());
  const std::string path = ::testing::TempDir() + "weir_hlog_" + std::to_string(::getpid());
  std::vector<Histogram> written;
  {
    auto writer = HlogWriter::create(path, {.start = start, .comments = {"a comment"}});
    ASSERT_TRUE(writer);
    for (int i = 0; i < 20; ++i) {
      Histogram histogram({1, 3'600'000'000'000, i % 2 == 0 ? 3 : 2});
      for (int sample = 0; sample < i * 100; ++sample) histogram.record(random() >> (24 + i));
      const HlogSpan span{.start = seconds(i / 2), .length = milliseconds(1000 - i)};
      ASSERT_TRUE(writer->write(i % 2 == 0 ? "even" : "odd", span, histogram));
      written.push_back(std::move(histogram));
    }
    ASSERT_TRUE(writer->close());
  }

  std::ifstream file(path, std::ios::binary);
  const auto read = read_all({std::istreambuf_iterator<char>(file), {}});
  std::filesystem::remove(path);

  ASSERT_TRUE(read) << read.error().to_string();
  ASSERT_EQ(read->size(), written.size());
  for (int i = 0; i < 20; ++i) {
    const HlogInterval& interval = (*read)[static_cast<std::size_t>(i)];
    const Histogram& histogram = written[static_cast<std::size_t>(i)];
    EXPECT_EQ(interval.tag, i % 2 == 0 ? "even" : "odd");
    EXPECT_EQ(interval.start, start + seconds(i / 2));
    EXPECT_EQ(interval.length, milliseconds(1000 - i));
    EXPECT_THAT(interval.histogram.counts(), ::testing::ElementsAreArray(histogram.counts()));
  }
}

TEST(HlogReader, ReadsWhatOtherProgramsWrite) {
  const std::string histogram = encode_histogram(histogram_of({5}));
  const std::string columns = ",1.000,0.000," + histogram;
  struct Vector {
    const char* name;
    std::string text;
    double start_s;
  };
  for (const auto& v : {
           Vector{"absolute stamps", version + ("1764359357.000" + columns + "\n"), 1764359357.0},
           Vector{"no last line feed", version + ("1764359357.000" + columns), 1764359357.0},
           Vector{"Windows line ends",
                  "#[Histogram log format version 1.2]\r\n7" + columns + "\r\n", 7.0},
           Vector{
               "stamps since the start",
               version + ("#[StartTime: 1764359356.5 (seconds since epoch), today]\n2" + columns),
               1764359358.5},
           Vector{"absolute stamps with a start",
                  version + ("#[StartTime: 1764359356.5 (seconds since epoch), today]\n"
                             "1764359356.5" +
                             columns),
                  1764359356.5},
           Vector{"a base that is not the start",
                  version + ("#[StartTime: 1764359356.5 (seconds since epoch), today]\n"
                             "#[BaseTime: 1000.25 (seconds since epoch)]\n2" +
                             columns),
                  1002.25},
           Vector{"comments and empty lines anywhere",
                  "# x\n\n" + std::string(version) + "# y\n\n3" + columns + "\n# z\n\n", 3.0},
           Vector{"maximum of another kind", version + ("3,1.000,n/a," + histogram + "\n"), 3.0},
       }) {
    SCOPED_TRACE(v.name);

    const auto read = read_all(v.text);

    ASSERT_TRUE(read) << read.error().to_string();
    ASSERT_EQ(read->size(), 1U);
    const std::chrono::duration<double> since_epoch = read->front().start.time_since_epoch();
    EXPECT_NEAR(since_epoch.count(), v.start_s, 1e-5);
    EXPECT_EQ(read->front().tag, "");
    EXPECT_EQ(read->front().histogram.max(), 5U);
  }
}

TEST(HlogReader, ALogWithoutIntervalsIsEmpty) {
  const auto read = read_all(hlog_header({.start = start}));

  ASSERT_TRUE(read);
  EXPECT_TRUE(read->empty());
}

TEST(HlogReader, TellsTheStart) {
  std::istringstream input(hlog_header({.start = start}));
  HlogReader reader(input);
  EXPECT_EQ(reader.start_time(), std::nullopt);

  ASSERT_TRUE(reader.next());

  EXPECT_EQ(reader.start_time(), start);
}

TEST(HlogReader, ErrorsNameTheLineAndTheReason) {
  const std::string good = "Tag=a,0.000,1.000,0.001," + encode_histogram(histogram_of({1000}));
  struct Vector {
    std::string text;
    const char* message;
  };
  for (const auto& v : {
           Vector{"", "line 1: it is no HdrHistogram log"},
           Vector{"# only\n# comments\n", "line 3: it is no HdrHistogram log"},
           Vector{good, "line 1: it is no HdrHistogram log"},
           Vector{"<html>\n", "line 1: it is no HdrHistogram log"},
           Vector{"#[Histogram log format version 2.0]\n", "line 1: this version of the format"},
           Vector{version + std::string("#[StartTime: soon]\n"), "line 2: StartTime"},
           Vector{version + std::string("#[BaseTime: -1 (s)]\n"), "line 2: BaseTime"},
           Vector{version + good + "\nTag=a", "line 3: the tag is empty, or nothing"},
           Vector{version + good + "\nTag=,1,1,1,x\n", "line 3: the tag is empty, or nothing"},
           Vector{version + good + "\n1.0,1.0,3\n", "line 3: it has fewer than four columns"},
           Vector{version + good + "\nTag=a,x,1,1,H\n", "line 3: its start is not a number"},
           Vector{version + good + "\nTag=a,nan,1,1,H\n", "line 3: its start is not a number"},
           Vector{version + good + "\nTag=a,1e300,1,1,H\n", "line 3: its start is not a number"},
           Vector{version + good + "\nTag=a,1,-1,1,H\n", "line 3: its length is not a number"},
           Vector{version + good + "\n" + good.substr(0, good.size() - 4),
                  "line 3: the histogram: the size in its envelope"},
           Vector{version + good + "\n" + good.substr(0, good.size() - 2),
                  "line 3: the histogram: the text is not base64"},
           Vector{version + good + ",\n", "line 2: the histogram: the text is not base64"},
           Vector{version + std::string(hlog_line_bytes_max + 1, 'x'),
                  "line 2: it is longer than 8 MiB"},
       }) {
    SCOPED_TRACE(v.message);

    const auto read = read_all(v.text);

    ASSERT_FALSE(read);
    EXPECT_THAT(read.error().to_string(), HasSubstr(v.message));
  }
}

}  // namespace
}  // namespace weir::tools::load
