#include "tools/weir/bench/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::bench {
namespace {

constexpr const char* examples =
    R"(  weir bench doctor
      what makes this machine noisy, and how to mend it
  weir bench nagle
      what Nagle's algorithm and delayed acknowledgements do here
  weir bench echo framing -o results
      weir beside hand-written loops and other libraries: results/bench.html
  weir bench echo --only 'c64-' --rounds 24 --against ../old/build/release/bin/weir
      one case, and whether it became faster
  sudo weir bench all --full --realtime -o results
      everything, for hours, while others use the machine
  weir bench echo --rounds 200 --precision 1%
      as many rounds as 1 % takes, and no more than 200
  weir bench compare old/bench.json new/bench.json
      two results: what became slower beyond noise?)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command = add_command(
      program, {.name = "bench",
                .purpose = "Measure what this machine's network does, and who does it faster.",
                .usage = "SUITE... [options]",
                .examples = examples});
  add_values(command,
             {"suite", "SUITE", "Suite",
              "nagle, echo, framing, stream, churn, udp, idle, shards, or all; instead of "
              "suites: doctor, compare OLD NEW"},
             flags.words);
  add_switch(command, {"--quick", "", "Effort", "short cells, few rounds, minutes (the default)"},
             flags.quick);
  add_switch(command, {"--full", "", "Effort", "all cases, many rounds: hours"}, flags.full);
  add_value(command, {"--rounds", "N", "Effort", "of each case (8; --full: 24; not nagle)"},
            flags.rounds);
  add_value(command,
            {"--precision", "PERCENT", "Effort",
             "a case ends before its --rounds (96), after 24 or more, if its ratios are known so "
             "well: half of their intervals, or half the way to their targets (not nagle)"},
            flags.precision);
  add_value(
      command,
      {"--cell", "TIME", "Effort", "length of a measurement (150ms; --full: 500ms; not nagle)"},
      flags.cell);
  add_value(command, {"--seed", "N", "Effort", "of the order of the measurements (1)"}, flags.seed);
  add_value(command, {"--only", "RE", "Cases", "only cases whose description it finds"},
            flags.only);
  add_value(command, {"--contenders", "RE", "Cases", "only servers whose name it finds"},
            flags.contenders);
  add_value(command, {"--against", "PATH", "Cases", "another build's weir takes part as well"},
            flags.against);
  add_value(command, {"--bin", "DIR", "Cases", "where the other servers are (beside weir)"},
            flags.bin);
  add_switch(
      command,
      {"--realtime", "", "Cases", "run all as SCHED_FIFO (root): others on the machine must wait"},
      flags.realtime);
  add_value(
      command,
      {"--baseline", "FILE", "Output",
       "compare with an earlier result; what became slower is exit code 7, what is missing 8"},
      flags.baseline);
  add_value(command,
            {"-o,--output", "DIR", "Output",
             "write bench.json, .md and .html there, of nagle nagle.json, .md and plots"},
            flags.output);
  return command;
}

}  // namespace weir::tools::bench
