#include "tools/weir/load/report/report_files.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/tools/support/example_report.h"
#include "tools/weir/load/report/report_csv.h"
#include "tools/weir/load/report/report_html.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// A directory of its own for a test.
class ReportFiles : public ::testing::Test {
 protected:
  ReportFiles() {
    std::string pattern = (std::filesystem::temp_directory_path() / "weir-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
  }
  ~ReportFiles() override { std::filesystem::remove_all(directory_); }

  [[nodiscard]] std::string path(const char* name) const { return directory_ / name; }
  [[nodiscard]] std::string content(const char* name) const {
    std::ifstream file(directory_ / name, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }

 private:
  std::filesystem::path directory_;
};

/// Puts a pipe where stdout was, until it is destroyed.
class StdoutPipe {
 public:
  StdoutPipe() : saved_(::dup(STDOUT_FILENO)) {
    std::fflush(stdout);
    int ends[2] = {};
    if (::pipe(ends) != 0) std::abort();
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
    reader_ = ends[0];
  }
  ~StdoutPipe() {
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
    close_reader();
  }
  StdoutPipe(const StdoutPipe&) = delete;
  StdoutPipe& operator=(const StdoutPipe&) = delete;

  void close_reader() {
    if (reader_ >= 0) ::close(reader_);
    reader_ = -1;
  }
  /// At most a pipe's worth; what was written is shorter.
  [[nodiscard]] std::string read_some() const {
    std::string text(65'536, '\0');
    const ssize_t bytes = ::read(reader_, text.data(), text.size());
    text.resize(bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    return text;
  }

 private:
  int saved_;
  int reader_ = -1;
};

TEST_F(ReportFiles, WritesEachFormToItsFile) {
  LoadReport report = example_report();
  report.options.output.json_path = path("r.json");
  report.options.output.csv_path = path("r.csv");
  report.options.output.html_path = path("r.html");

  EXPECT_THAT(write_report_files(report), IsEmpty());

  EXPECT_EQ(content("r.json"), report_json(report) + "\n");
  EXPECT_EQ(content("r.csv"), report_csv(report));
  EXPECT_EQ(content("r.html"), report_html(report));
}

TEST_F(ReportFiles, AFullDiskCostsNoOtherOutput) {
  LoadReport report = example_report();
  report.options.output.json_path = "/dev/full";
  report.options.output.csv_path = path("r.csv");
  report.options.output.html_path = path("no/such/directory.html");

  const auto failures = write_report_files(report);

  EXPECT_THAT(failures,
              ElementsAre("cannot write the JSON report to /dev/full: No space left on device",
                          "cannot write the HTML report to " + path("no/such/directory.html") +
                              ": No such file or directory"));
  EXPECT_EQ(content("r.csv"), report_csv(report));
}

TEST_F(ReportFiles, WritesOneOfThemToStdout) {
  LoadReport report = example_report();
  report.options.output.csv_path = "-";
  std::string written;
  {
    const StdoutPipe pipe;
    EXPECT_THAT(write_report_files(report), IsEmpty());
    written = pipe.read_some();
  }

  EXPECT_EQ(written, report_csv(report));
  EXPECT_TRUE(claims_stdout(report.options.output));
  EXPECT_FALSE(claims_stdout(OutputChoice()));
}

TEST_F(ReportFiles, AReaderThatWentAwayCostsNoOtherOutput) {
  LoadReport report = example_report();
  report.options.output.json_path = "-";
  report.options.output.html_path = "-";
  report.options.output.csv_path = path("r.csv");
  std::vector<std::string> failures;
  {
    StdoutPipe pipe;
    pipe.close_reader();
    failures = write_report_files(report);
  }

  EXPECT_THAT(failures,
              ElementsAre("cannot write the JSON report to stdout: Broken pipe",
                          "cannot write the HTML report to stdout as well: it has one already; "
                          "name a file"));
  EXPECT_EQ(content("r.csv"), report_csv(report));
}

}  // namespace
}  // namespace weir::tools::load
