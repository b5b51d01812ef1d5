#include "tools/weir/bench/suites/programs.h"

#include <unistd.h>

#include <array>
#include <utility>

#include <fmt/format.h>

#include "weir/core/run.h"

namespace weir::tools::bench {
namespace {

struct LibraryPeer {
  std::string_view name;
  std::string_view package;
};

constexpr std::array stream_peers = {
    LibraryPeer{.name = "asio_epoll", .package = "libasio-dev"},
    LibraryPeer{.name = "asio_uring", .package = "libasio-dev"},
    LibraryPeer{.name = "uv", .package = "libuv1-dev"},
    LibraryPeer{.name = "evt", .package = "libevent-dev"},
};

constexpr std::array raw_programs = {"raw_epoll", "raw_uring", "raw_client", "raw_udp",
                                     "raw_udp_client"};

void append(std::vector<std::string>& words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

}  // namespace

Programs::Programs(std::filesystem::path folder, const std::filesystem::path& against,
                   const CpuPair& cpus)
    : folder_(std::move(folder)),
      against_(against),
      weir_("/proc/self/exe"),
      cpus_(cpus),
      cpus_allowed_(allowed_cpus()),
      has_io_uring_(backend_report(Backend::io_uring).has_value()) {
  std::error_code error;
  const auto self = std::filesystem::read_symlink(weir_, error);
  if (error) return;
  weir_ = self;
  if (folder_.empty()) folder_ = self.parent_path();
}

bool Programs::has(std::string_view name) const { return ::access(path(name).c_str(), X_OK) == 0; }

std::string Programs::obstacle() const {
  for (const char* name : raw_programs) {
    if (has(name)) continue;
    return fmt::format(
        "there is no {} in {}; build weir with -DWEIR_BUILD_BENCH=ON and say where "
        "with --bin DIR",
        name, folder_.string());
  }
  return {};
}

std::vector<std::string> Programs::left_out() const {
  std::vector<std::string> sentences;
  for (const LibraryPeer& peer : stream_peers) {
    if (has(peer.name)) continue;
    sentences.push_back(fmt::format("{}: it was not built; it wants the Debian package {}",
                                    peer.name, peer.package));
  }
  if (!has_io_uring_) sentences.emplace_back("weir on io_uring: `weir doctor` says why");
  return sentences;
}

std::vector<ContenderSpec> Programs::weirs(const std::vector<std::string>& service) const {
  const auto command = [&](const std::string& program, std::string_view backend) {
    std::vector<std::string> words = {program};
    append(words, service);
    append(words, {"--backend", std::string(backend)});
    return words;
  };
  std::vector<ContenderSpec> found;
  std::vector<std::string_view> backends = {"epoll"};
  if (has_io_uring_) backends.insert(backends.begin(), "io_uring");
  for (const std::string_view backend : backends) {
    const std::string short_name = backend == "epoll" ? "epoll" : "uring";
    found.push_back({.name = "weir_" + short_name,
                     .role = Role::weir,
                     .backend = std::string(backend),
                     .command = command(weir_, backend)});
    if (!against_.empty()) {
      found.push_back({.name = "against_" + short_name,
                       .role = Role::build,
                       .backend = std::string(backend),
                       .command = command(against_, backend)});
    }
  }
  ContenderSpec again = found.front();
  again.name += "_again";
  again.role = Role::again;
  found.push_back(std::move(again));
  return found;
}

std::vector<ContenderSpec> Programs::stream_servers(const ServerJob& job) const {
  const std::string cpu = std::to_string(cpus_.server);
  std::vector<std::string> service = {"serve",    job.word, "--listen", "127.0.0.1:0",
                                      "--shards", "1",      "--cpus",   cpu};
  append(service, job.flags);
  std::vector<ContenderSpec> found = weirs(service);
  const auto peer_command = [&](std::string_view name, const std::vector<std::string>& flags) {
    std::vector<std::string> words = {path(name), job.word, "--port", "0", "--cpu", cpu};
    append(words, job.flags);
    append(words, flags);
    return words;
  };
  found.push_back({.name = "raw_epoll",
                   .role = Role::raw,
                   .backend = "epoll",
                   .command = peer_command("raw_epoll", {})});
  if (has_io_uring_) {
    found.push_back({.name = "raw_uring",
                     .role = Role::raw,
                     .backend = "io_uring",
                     .command = peer_command("raw_uring", job.raw_uring_flags)});
  }
  for (const LibraryPeer& peer : stream_peers) {
    if (!has(peer.name)) continue;
    found.push_back({.name = std::string(peer.name),
                     .role = Role::library,
                     .backend = {},
                     .command = peer_command(peer.name, {})});
  }
  return found;
}

}  // namespace weir::tools::bench
