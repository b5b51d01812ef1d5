// Runs a fuzz target on each file of its corpus, so that what fuzzing has found stays tested in
// builds that do not fuzz.
//
//     weir_fuzz_replay TARGET DIRECTORY
//
// Prints each file before it runs it: the last one printed is the one that failed.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <vector>

// One line a target, written by CMakeLists.txt.
#define FUZZ_TARGET(name) extern "C" int fuzz_##name(const std::uint8_t* bytes, std::size_t size);
#include "fuzz_targets.inc"
#undef FUZZ_TARGET

namespace {

struct Target {
  std::string_view name;
  int (*run)(const std::uint8_t* bytes, std::size_t size);
};

constexpr std::array targets = {
#define FUZZ_TARGET(name) Target{#name, fuzz_##name},
#include "fuzz_targets.inc"
#undef FUZZ_TARGET
};

int replay(const Target& target, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const std::filesystem::path& path : files) {
    std::fprintf(stderr, "%s\n", path.c_str());
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
    if (!file.is_open()) return 1;
    // An exact copy of its own, so that AddressSanitizer sees the first byte read beyond it.
    (void)target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  }
  std::fprintf(stderr, "%zu inputs\n", files.size());
  return files.empty() ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  const auto target = argc == 3
                          ? std::ranges::find(targets, std::string_view(argv[1]), &Target::name)
                          : targets.end();
  if (target == targets.end()) {
    std::fprintf(stderr, "usage: weir_fuzz_replay TARGET DIRECTORY\n");
    return 2;
  }
  try {
    return replay(*target, argv[2]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "weir_fuzz_replay: %s\n", error.what());
    return 1;
  }
}
