#include "tools/weir/doctor/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::doctor {
namespace {

constexpr const char* examples =
    R"(  weir doctor
      which backend is used and why, which limits will hurt, what mends them
  weir doctor --json
      the same for a script or a bug report
  weir doctor sockets
      what is said about buffers, close and boundaries, and what is so here)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command =
      add_command(program, {.name = "doctor",
                            .purpose = "Tell which backend is used, why, and what limits it.",
                            .usage = "[sockets] [--json]",
                            .examples = examples});
  add_value(command,
            {"subject", "sockets", "Subject", "try out on loopback what is said about sockets"},
            flags.subject);
  add_switch(command, {"--json", "", "Output", "print JSON instead of text"}, flags.json);
  return command;
}

}  // namespace weir::tools::doctor
