#include "tools/weir/load/message/payload_file.h"

#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// A file that is gone when the test ends.
class FileWith {
 public:
  explicit FileWith(const std::string& content)
      : path_(::testing::TempDir() + "payload_file_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  FileWith(const FileWith&) = delete;
  FileWith& operator=(const FileWith&) = delete;
  ~FileWith() { std::filesystem::remove(path_); }

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(PayloadFile, IsReadAsItIs) {
  const std::string content = std::string("a\0b\r\n", 5) + std::string(200'000, 'x');
  const FileWith file(content);

  EXPECT_EQ(read_payload_file(file.path()), content);
}

TEST(PayloadFile, MayBeAsLargeAsAPayload) {
  const FileWith file(std::string(payload_bytes_max, 'x'));

  EXPECT_TRUE(read_payload_file(file.path()).has_value());
}

TEST(PayloadFile, IsRefusedIfItIsLarger) {
  const FileWith file(std::string(payload_bytes_max + 1, 'x'));

  const auto content = read_payload_file(file.path());

  ASSERT_FALSE(content.has_value());
  EXPECT_THAT(content.error().message, HasSubstr("is larger than 16 MiB"));
}

TEST(PayloadFile, SaysWhyItCannotBeRead) {
  EXPECT_EQ(read_payload_file("").error().message, "the file name is empty");
  EXPECT_EQ(read_payload_file("/nowhere/x").error().message,
            "cannot read \"/nowhere/x\": No such file or directory");
  EXPECT_EQ(read_payload_file("/").error().message, "cannot read \"/\": Is a directory");
}

TEST(PayloadFile, LinesLoseTheirEnds) {
  EXPECT_THAT(split_lines(""), ElementsAre());
  EXPECT_THAT(split_lines("a"), ElementsAre("a"));
  EXPECT_THAT(split_lines("a\nb\r\n"), ElementsAre("a", "b"));
  EXPECT_THAT(split_lines("\n\nb\r"), ElementsAre("", "", "b\r"));
}

}  // namespace
}  // namespace weir::tools::load
