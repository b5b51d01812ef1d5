#include "tools/weir/exec/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::exec {
namespace {

constexpr const char* examples =
    R"(  weir exec 127.0.0.1:9000 date
      what `weir serve exec --allow date` answers
  weir exec 127.0.0.1:9000 ls -l "/a directory"
      every word arrives as it is
  weir exec --timeout 5s 127.0.0.1:9000 'ls -l /tmp'
      one word is a whole command line

Prints the command's stdout and stderr. Exit code: the command's; 128 and the
signal that killed it; 124 it was over the time limit, 125 refused, 126 it
could not be started, 127 not allowed; 255 no answer came, 2 bad usage.)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command = add_command(program, {.name = "exec",
                                            .purpose = "Run a command on a `weir serve exec`.",
                                            .usage = "[options] SERVER COMMAND...",
                                            .examples = examples});
  add_value(command, {"server", "SERVER", "Command", "host:port, [v6]:port or unix:PATH"},
            flags.server);
  add_rest(command, flags.command);
  const std::string limits = "Limits";
  add_value(command, {"--timeout", "TIME", limits, "for connecting and the answer (30s)"},
            flags.timeout);
  add_value(command, {"--output-limit", "SIZE", limits, "largest answer taken (64MiB)"},
            flags.output_limit);
  return command;
}

}  // namespace weir::tools::exec
