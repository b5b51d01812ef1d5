// A directory with files like those of /proc and /sys, removed at the end of its test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tools/weir/common/system_files.h"

namespace weir::tools {

class FakeSystem {
 public:
  FakeSystem() {
    std::string path =
        (std::filesystem::temp_directory_path() / "weir_fake_system_XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) throw std::runtime_error("no temporary directory");
    root_ = path;
  }
  FakeSystem(const FakeSystem&) = delete;
  FakeSystem& operator=(const FakeSystem&) = delete;
  ~FakeSystem() { std::filesystem::remove_all(root_); }

  FakeSystem& with(std::string_view path, std::string_view content) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << content;
    return *this;
  }
  FakeSystem& with_link(std::string_view path, std::string_view target) {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::filesystem::create_symlink(target, root_ / path);
    return *this;
  }
  FakeSystem& without(std::string_view path) {
    std::filesystem::remove(root_ / path);
    return *this;
  }

  [[nodiscard]] SystemFiles files() const { return SystemFiles(root_); }

 private:
  std::filesystem::path root_;
};

}  // namespace weir::tools
