// The programs that suites run: weir, the raw loops, their clients, servers on other libraries.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/bench/rounds/contender.h"
#include "tools/weir/common/cpu_pair.h"

namespace weir::tools::bench {

/// Servers that do one job, as words for their command lines.
struct ServerJob {
  std::string word;                  ///< "echo", "discard"
  std::vector<std::string> flags{};  ///< of all: "--codec", "len32"
  std::vector<std::string> raw_uring_flags{};
};

class Programs {
 public:
  /// \param folder   of the raw loops and the peers: where weir was built
  /// \param against  another weir, or empty
  Programs(std::filesystem::path folder, const std::filesystem::path& against, const CpuPair& cpus);

  /// This program.
  [[nodiscard]] const std::string& weir() const noexcept { return weir_; }
  [[nodiscard]] std::string path(std::string_view name) const { return folder_ / name; }
  [[nodiscard]] bool has(std::string_view name) const;
  [[nodiscard]] const CpuPair& cpus() const noexcept { return cpus_; }
  /// All that this process could use when this was made, which is before it pins itself.
  [[nodiscard]] const std::vector<int>& cpus_allowed() const noexcept { return cpus_allowed_; }

  /// Why no suite can run; empty if one can.
  [[nodiscard]] std::string obstacle() const;
  /// A sentence for each server on another library that is missing.
  [[nodiscard]] std::vector<std::string> left_out() const;

  /// weir on both backends (io_uring first, if it is there), its twin, another build, the raw
  /// loops, and the libraries.
  [[nodiscard]] std::vector<ContenderSpec> stream_servers(const ServerJob& job) const;

  /// weir on both backends, its twin and another build: `weir SERVICE --backend ...`.
  [[nodiscard]] std::vector<ContenderSpec> weirs(const std::vector<std::string>& service) const;

 private:
  std::filesystem::path folder_;
  std::string against_;
  std::string weir_;
  CpuPair cpus_;
  std::vector<int> cpus_allowed_;
  bool has_io_uring_;
};

}  // namespace weir::tools::bench
