#include "tools/weir/common/environment_json.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tools/weir/common/build_commit.h"
#include "tools/weir/common/library_versions.h"
#include "tools/weir/common/machine_json.h"
#include "tools/weir/common/version.h"
#include "weir/core/run.h"

namespace weir::tools {
namespace {

struct NamedFile {
  const char* name;
  const char* path;
};

constexpr std::array single_lines = {
    NamedFile{"kernel_command_line", "proc/cmdline"},
    NamedFile{"kernel_version", "proc/version"},
    NamedFile{"cpu_siblings", "sys/devices/system/cpu/cpu0/topology/thread_siblings_list"},
    NamedFile{"cpu_isolated", "sys/devices/system/cpu/isolated"},
    NamedFile{"cpu_nohz_full", "sys/devices/system/cpu/nohz_full"},
    NamedFile{"cpu_boost", "sys/devices/system/cpu/cpufreq/boost"},
    NamedFile{"numa_nodes", "sys/devices/system/node/online"},
    NamedFile{"cgroup_cpu_max", "sys/fs/cgroup/cpu.max"},
    NamedFile{"cgroup_cpuset", "sys/fs/cgroup/cpuset.cpus.effective"},
    NamedFile{"loopback_mtu", "sys/class/net/lo/mtu"},
    NamedFile{"load_average", "proc/loadavg"},
    NamedFile{"pressure_cpu", "proc/pressure/cpu"},
    NamedFile{"pressure_memory", "proc/pressure/memory"},
    NamedFile{"cpu_times", "proc/stat"},  // user nice system idle iowait irq softirq steal ...
};

constexpr std::array system_controls = {
    "kernel/io_uring_disabled",
    "kernel/randomize_va_space",
    "kernel/sched_rt_runtime_us",
    "net/core/somaxconn",
    "net/core/rmem_max",
    "net/core/wmem_max",
    "net/core/rmem_default",
    "net/core/wmem_default",
    "net/core/netdev_budget",
    "net/core/busy_poll",
    "net/ipv4/ip_local_port_range",
    "net/ipv4/tcp_tw_reuse",
    "net/ipv4/tcp_rmem",
    "net/ipv4/tcp_wmem",
    "net/ipv4/tcp_autocorking",
    "net/ipv4/tcp_congestion_control",
    "net/ipv4/tcp_pingpong_thresh",
    "net/ipv4/tcp_notsent_lowat",
};

constexpr std::string_view vulnerabilities = "sys/devices/system/cpu/vulnerabilities";
constexpr std::size_t vulnerabilities_max = 64;
constexpr int caches_max = 8;

Json mitigations_json(const SystemFiles& files) {
  Json json = Json::object();
  std::vector<std::string> names = files.list(vulnerabilities, vulnerabilities_max);
  std::ranges::sort(names);
  for (const std::string& name : names) {
    if (const auto line = files.read_line(fmt::format("{}/{}", vulnerabilities, name))) {
      json[name] = *line;
    }
  }
  return json;
}

/// `L1 Data 32K`
Json caches_json(const SystemFiles& files) {
  Json json = Json::array();
  for (int index = 0; index < caches_max; ++index) {
    const std::string cache = fmt::format("sys/devices/system/cpu/cpu0/cache/index{}", index);
    const auto level = files.read_line(cache + "/level");
    const auto type = files.read_line(cache + "/type");
    const auto size = files.read_line(cache + "/size");
    if (level && type && size) json.push_back(fmt::format("L{} {} {}", *level, *type, *size));
  }
  return json;
}

Json controls_json(const SystemFiles& files) {
  Json json = Json::object();
  for (const char* control : system_controls) {
    const auto line = files.read_line(fmt::format("proc/sys/{}", control));
    if (!line) continue;
    std::string name = control;
    std::ranges::replace(name, '/', '.');
    json[name] = *line;
  }
  return json;
}

/// What the runtime found out about io_uring by trying.
Json features_json() {
  Json json = Json::object();
  const auto report = backend_report(Backend::io_uring);
  if (!report) return json;
  for (const BackendFeature& feature : report->features) {
    json[std::string(feature.name)] = to_string(feature.state);
  }
  return json;
}

Json libraries_json() {
  Json json = Json::object();
  for (const LibraryVersion& library : library_versions()) {
    json[std::string(library.name)] = library.version;
  }
  return json;
}

}  // namespace

Json interfaces_json(const std::vector<NetworkInterface>& interfaces) {
  Json json = Json::array();
  for (const NetworkInterface& one : interfaces) {
    Json entry = {{"name", one.name}, {"mtu", one.mtu}};
    for (const Offload& offload : one.offloads) {
      entry[std::string(offload.name)] = to_text(offload.state);
    }
    json.push_back(std::move(entry));
  }
  return json;
}

Json environment_json(const SystemFiles& files) {
  return environment_json(read_machine(files), files);
}

Json environment_json(const Machine& machine, const SystemFiles& files) {
  Json json = machine_json(machine);
  for (const NamedFile& file : single_lines) {
    if (const auto line = files.read_line(file.path)) json[file.name] = *line;
  }
  for (const char* field :
       {"cpu family", "model", "stepping", "microcode", "siblings", "cpu cores"}) {
    if (const auto value = files.read_field("proc/cpuinfo", field)) json[field] = *value;
  }
  if (const auto memory = files.read_field("proc/meminfo", "MemTotal")) json["memory"] = *memory;
  json["caches"] = caches_json(files);
  json["mitigations"] = mitigations_json(files);
  json["sysctl"] = controls_json(files);
  json["network_interfaces"] = interfaces_json(machine.interfaces);
  json["io_uring_features"] = features_json();
  json["compiler"] = compiler();
  json["build"] = build_kind();
  json["compiler_flags"] = build_flags();
  json["libraries"] = libraries_json();
  json["commit"] = build_commit();
  json["scheduler_ticks_per_second"] = ::sysconf(_SC_CLK_TCK);  // what /proc/stat counts in
  return json;
}

}  // namespace weir::tools
