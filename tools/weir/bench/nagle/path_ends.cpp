#include "tools/weir/bench/nagle/path_ends.h"

#include <thread>
#include <utility>

#include <fmt/format.h>

namespace weir::tools::bench {
namespace {

using Enter = Result<void> (NetworkPath::*)() const;

/// By a thread of its own: who has entered a namespace stays there.
EndInterfaces read_end(const NetworkPath& path, const char* name, Enter enter) {
  EndInterfaces end{.path = path.name(), .end = name};
  std::thread([&] {
    if ((path.*enter)()) end.interfaces = tools::read_network_interfaces();
  }).join();
  return end;
}

}  // namespace

std::vector<EndInterfaces> read_path_ends(const NetworkPath& path) {
  std::vector<EndInterfaces> ends;
  switch (path.ends()) {
    case NetworkPath::Ends::of_this_machine:
      break;
    case NetworkPath::Ends::in_one_namespace:
      ends.push_back(read_end(path, "both", &NetworkPath::enter_client));
      break;
    case NetworkPath::Ends::apart:
      ends.push_back(read_end(path, "client", &NetworkPath::enter_client));
      ends.push_back(read_end(path, "server", &NetworkPath::enter_server));
      break;
  }
  std::erase_if(ends, [](const EndInterfaces& it) { return it.interfaces.empty(); });
  return ends;
}

std::vector<std::string> path_end_lines(const std::vector<EndInterfaces>& ends) {
  std::vector<std::string> lines;
  for (const EndInterfaces& end : ends) {
    for (const tools::NetworkInterface& one : end.interfaces) {
      lines.push_back(fmt::format("{}, {}: {}", end.path, end.end, network_interface_text(one)));
    }
  }
  return lines;
}

}  // namespace weir::tools::bench
