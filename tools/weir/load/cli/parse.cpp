#include "tools/weir/load/cli/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::load {
namespace {

constexpr const char* examples =
    R"(  weir load tcp://127.0.0.1:9000 --closed
      8 connections, one 64-byte request at a time on each, for 10 s
  weir load tcp://127.0.0.1:9000 --closed -c 64 --depth 16 -d 30s
      saturate a server: 1024 requests in flight
  weir load unix:/run/echo.sock --closed --size 16KiB -o result.json
      bigger messages through a Unix socket, the result also as JSON
  weir load udp://127.0.0.1:9000 --rate 20k --lost-after 100ms
      20 000 datagrams a second: latency, and who lost how many where

Exit code: 0 every answer was right (lost datagrams are reported, not errors),
1 there were errors, or nobody listens, 2 bad usage, 3 nothing succeeded,
130 interrupted (the report is printed all the same).)";

void add_hidden(CLI::App& command, RawFlags& flags) {
  const std::string hidden;
  add_value(command, {"--arrival", "KIND", hidden, ""}, flags.arrival);
  add_value(command, {"--steps", "LIST", hidden, ""}, flags.steps);
  add_value(command, {"--shape", "FILE", hidden, ""}, flags.shape);
  add_value(command, {"--replay", "FILE", hidden, ""}, flags.replay);
}

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command =
      add_command(program, {.name = "load",
                            .purpose = "Load an echo server; check every byte of its answers.",
                            .usage = "TARGET --closed|--rate=R [options]",
                            .examples = examples});
  add_value(command,
            {"target", "TARGET", "Target",
             "tcp://HOST:PORT, udp://HOST:PORT or unix:PATH; HOST is numeric"},
            flags.target);

  const std::string load = "Load";
  add_switch(command, {"--closed", "", load, "closed loop: the next request waits for an answer"},
             flags.closed);
  add_value(command, {"-c,--conns", "N", load, "connections (8)"}, flags.connections);
  add_value(command, {"--depth", "N", load, "unanswered requests on each (1)"}, flags.depth);
  add_value(command, {"--size", "SIZE", load, "bytes in a message, such as 64 or 16KiB (64)"},
            flags.size);
  add_value(command, {"-d,--duration", "TIME", load, "how long, such as 10s or 500ms (10s)"},
            flags.duration);
  add_value(command, {"--timeout", "TIME", load, "limit for connecting and for an answer (5s)"},
            flags.timeout);

  const std::string datagrams = "Datagrams (udp://)";
  add_value(
      command,
      {"--rate", "R", datagrams, "instead of --closed: so many a second, such as 20k or 500/s"},
      flags.rate);
  add_value(command,
            {"--lost-after", "TIME", datagrams, "an answer that takes longer is lost (1s)"},
            flags.lost_after);
  add_switch(command, {"--one-way", "", datagrams, "to a sink, with --rate: expect no answers"},
             flags.one_way);

  const std::string machine = "This machine";
  add_value(command, {"-t,--shards", "N", machine, "threads (1, or one a CPU of --cpus)"},
            flags.shards);
  add_value(command, {"--cpus", "LIST", machine, "pin the shards to CPUs, such as 0,2-3"},
            flags.cpus);
  add_value(command, {"--backend", "NAME", machine, "auto, io_uring or epoll (auto)"},
            flags.backend);

  const std::string output = "Output";
  add_value(command, {"-o,--output", "FILE", output, "write the result as JSON; - is stdout"},
            flags.output);
  add_value(command,
            {"--progress", "KIND", output,
             "auto, plain (a line a second) or none (auto: a live line on a terminal)"},
            flags.progress);
  add_hidden(command, flags);
  return command;
}

}  // namespace weir::tools::load
