#include "tools/weir/demo/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::demo {
namespace {

constexpr const char* examples =
    R"(  weir demo
      io_uring and epoll side by side, 10 s in all; needs nothing else
  weir demo --duration 30s
      the same with steadier numbers)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command =
      add_command(program, {.name = "demo",
                            .purpose = "Serve and load echo here, on io_uring and on epoll.",
                            .usage = "[options]",
                            .examples = examples});
  add_value(command, {"-d,--duration", "TIME", "Load", "how long in all, such as 30s (10s)"},
            flags.duration);
  return command;
}

}  // namespace weir::tools::demo
