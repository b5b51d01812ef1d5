#include "tools/weir/bench/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::bench {
namespace {

constexpr const char* examples =
    R"(  weir bench nagle
      what Nagle's algorithm and delayed acknowledgements do here, and what ends the stall
  weir bench nagle --only 'N1 '
      only the cells of one scenario
  sudo weir bench nagle --full -o results
      over links with an MTU of 1500, a rate or a delay too; nagle.json, nagle.md and plots)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command = add_command(program, {.name = "bench",
                                            .purpose = "Measure what this machine's network does.",
                                            .usage = "SUITE [options]",
                                            .examples = examples});
  add_value(command, {"suite", "SUITE", "Suite", "nagle"}, flags.suite);
  add_switch(command,
             {"--quick", "", "Effort", "short cells, 3 rounds, three minutes (the default)"},
             flags.quick);
  add_switch(command,
             {"--full", "", "Effort", "longer cells, 5 rounds, more sizes, a quarter of an hour"},
             flags.full);
  add_value(command, {"--only", "REGEX", "Cells", "only cells whose description it finds"},
            flags.only);
  add_value(command, {"-o,--output", "DIR", "Output", "write SUITE.json, SUITE.md and plots there"},
            flags.output);
  return command;
}

}  // namespace weir::tools::bench
