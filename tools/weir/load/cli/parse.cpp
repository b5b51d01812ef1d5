#include "tools/weir/load/cli/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::load {
namespace {

constexpr const char* examples =
    R"(  weir load tcp://127.0.0.1:9000
      1000 requests a second, Poisson, over 8 connections, for 10 s
  weir load tcp://127.0.0.1:9000 --rate 20k -d 60s --size exp:256 --html r.html
      latency at my rate, from when each request was due
  weir load tcp://127.0.0.1:9000 --closed -c 64 --depth 16
      saturate a server: 1024 requests in flight
  weir load tcp://127.0.0.1:9000 --rate 5k --slo 'p99<2ms,err<0.1%' --strict
      a gate for CI: exit code 4 if the goals are missed, 6 if not to be trusted
  weir load find-max tcp://127.0.0.1:9000 --slo 'p99<1ms' --range 1k..500k
      the highest rate that keeps the goals
  weir load sweep tcp://127.0.0.1:9000 --rates 1k,5k,20k --html curve.html
      latency against load
  weir load compare tcp://127.0.0.1:9000 tcp://127.0.0.1:9001 --rate 20k
      two servers in turns: ratios with intervals
  weir load selftest                  does this generator tell the truth here?
  weir load report result.json --html r.html        render a result once more
  weir load unix:/run/echo.sock --codec len32 --payload 'user {int:1-9999}'
  weir load udp://127.0.0.1:9000 --rate 20k --lost-after 100ms
      datagrams: latency, and who lost how many where

Flags are also taken from WEIR_LOAD_RATE, WEIR_LOAD_REQS_PER_CONN, ... in the
environment, then from --config FILE; the command line comes first.

Exit code: 0 fine, 1 there were errors, 2 bad usage, 3 nothing succeeded,
4 a goal (--slo) was missed, 5 stopped by --abort-on, 6 not to be trusted
(--strict, CI=true, compare), or selftest failed, 7 compare: the second is
slower, 130 interrupted.)";

void add_load(CLI::App& command, RawFlags& flags) {
  const std::string group = "Load";
  add_value(command, {"--rate", "R", group, "due a second: 20k, 500/s; a ramp: 1k..20k (1k)"},
            flags.rate);
  add_value(command,
            {"--steps", "LIST", group, "one rate after another: 1k,5k,20k@10s for 10 s each"},
            flags.steps);
  add_value(command, {"--shape", "FILE", group, "rates over time: lines of TIME,RATE"},
            flags.shape);
  add_value(command, {"--replay", "FILE", group, "a trace: lines of NANOSECONDS[,BYTES]"},
            flags.replay);
  add_value(command, {"--arrival", "KIND", group, "poisson, uniform, fixed or burst:N (poisson)"},
            flags.arrival);
  add_switch(command, {"--closed", "", group, "closed loop instead: the next waits for an answer"},
             flags.closed);
  add_value(command, {"--think", "TIME", group, "with --closed: pause after an answer (0)"},
            flags.think);
  add_value(command, {"-d,--duration", "TIME", group, "what is measured: 10s, 500ms (10s)"},
            flags.duration);
  add_value(command, {"-n,--requests", "N", group, "end after so many requests"}, flags.requests);
  add_value(command, {"--warmup", "TIME", group, "before it: 2s, 0s, or auto: until steady (auto)"},
            flags.warm_up);
  add_value(command, {"--timeout", "TIME", group, "limit for connecting and for an answer (5s)"},
            flags.timeout);
  add_value(command,
            {"--on-behind", "WHAT", group, "due, but no connection free: queue or drop (queue)"},
            flags.on_behind);
  add_value(command, {"--max-queue", "N", group, "bound of that queue, a shard (100k)"},
            flags.queue_max);
  add_value(command, {"--seed", "N", group, "the same seed, the same load (1)"}, flags.seed);
  add_switch(command, {"--yes", "", group, "a target that is neither local nor private, fast"},
             flags.yes);
}

void add_connections(CLI::App& command, RawFlags& flags) {
  const std::string group = "Connections";
  add_value(command, {"-c,--conns", "N", group, "connections (8)"}, flags.connections);
  add_value(command, {"--depth", "N", group, "unanswered requests on each (1)"}, flags.depth);
  add_value(command, {"--reqs-per-conn", "N", group, "then a new connection"},
            flags.requests_per_connection);
  add_value(command, {"--conn-lifetime", "TIME", group, "then a new connection"}, flags.lifetime);
  add_value(command, {"--conn-rate", "R", group, "connections made a second, at most"},
            flags.connect_rate);
  add_value(command, {"--idle-conns", "N", group, "more that only stay open (0)"},
            flags.idle_connections);
  add_value(command,
            {"--source", "LIST", group, "local addresses in turns: 127.0.0.2,127.0.1.0/28"},
            flags.sources);
  add_value(command, {"--nodelay", "on|off", group, "TCP_NODELAY (on)"}, flags.nodelay);
  add_value(command, {"--quickack", "on|off", group, "TCP_QUICKACK (the kernel's)"},
            flags.quickack);
  add_switch(command, {"--cork", "", group, "TCP_CORK: hold back partial segments"}, flags.cork);
  add_value(command, {"--sndbuf", "SIZE", group, "SO_SNDBUF"}, flags.send_buffer);
  add_value(command, {"--rcvbuf", "SIZE", group, "SO_RCVBUF"}, flags.receive_buffer);
}

void add_messages(CLI::App& command, RawFlags& flags) {
  const std::string group = "Messages";
  add_value(command,
            {"--codec", "NAME", group, "raw, raw:N, len16, len32, varint, line, json-header (raw)"},
            flags.codec);
  add_value(command, {"--size", "SIZE", group, "of payloads: 64, 16KiB, 100-1400, exp:256 (64)"},
            flags.size);
  add_value(command,
            {"--payload", "TEXT", group,
             "with {seq} {conn} {rand:16} {hex:8} {int:1-9} {ts_ns} {pick:FILE}"},
            flags.payload);
  add_value(command, {"--payload-file", "FILE", group, "its bytes are the payload"},
            flags.payload_file);
  add_value(command, {"--expect", "WHAT", group, "echo, bytes:N, regex:RE or none (echo)"},
            flags.expect);
  add_value(
      command,
      {"--pattern", "P", group, "wr; wwr: two writes, then the answer; w, ww: no answer (wr)"},
      flags.pattern);
  const std::string datagrams = "Datagrams (udp://)";
  add_value(command,
            {"--lost-after", "TIME", datagrams, "an answer that takes longer is lost (1s)"},
            flags.lost_after);
  add_switch(command, {"--one-way", "", datagrams, "to a sink: expect no answers"}, flags.one_way);
}

void add_judgement(CLI::App& command, RawFlags& flags) {
  const std::string group = "Goals and trust";
  add_value(command, {"--slo", "LIST", group, "p99<2ms,p99.9<10ms,err<0.1%,rate>=20k,loss<0.01%"},
            flags.slo);
  add_value(command, {"--abort-on", "LIST", group, "end early when one of these holds: err>50%"},
            flags.abort_on);
  add_switch(command, {"--strict", "", group, "a run that is not to be trusted fails (6)"},
             flags.strict);
  add_switch(command, {"--allow-untrusted", "", group, "it does not, even where CI=true"},
             flags.allow_untrusted);
  add_value(command, {"--pace", "HOW", group, "wait by sleep, hybrid or spin (hybrid)"},
            flags.pace);
  add_value(command,
            {"--stamps", "WHAT", group, "app, or kernel: sample its RTT too (kernel; udp: app)"},
            flags.stamps);
  const std::string jobs = "Jobs";
  add_value(command, {"--rates", "LIST", jobs, "sweep: 1k,2k,5k"}, flags.rates);
  add_value(command, {"--range", "A..B", jobs, "find-max: rates to search in (100..1M)"},
            flags.range);
  add_value(command, {"--rounds", "N", jobs, "compare: pairs of runs (10)"}, flags.rounds);
}

void add_surroundings(CLI::App& command, RawFlags& flags) {
  const std::string machine = "This machine";
  add_value(command, {"-t,--shards", "N", machine, "threads (1, or one a CPU of --cpus)"},
            flags.shards);
  add_value(command, {"--cpus", "LIST", machine, "pin the shards to CPUs, such as 0,2-3"},
            flags.cpus);
  add_value(command, {"--backend", "NAME", machine, "auto, io_uring or epoll (auto)"},
            flags.backend);
  const std::string output = "Output";
  add_value(command, {"-o,--output", "FILE", output, "the result as JSON; - is stdout"},
            flags.output);
  add_value(command, {"--hlog", "FILE", output, "HdrHistogram log, an interval a second"},
            flags.hlog);
  add_value(command, {"--csv", "FILE", output, "a row a second"}, flags.csv);
  add_value(command, {"--html", "FILE", output, "one page with plots"}, flags.html);
  add_values(command, {"--label", "K=V", output, "kept in the result; repeatable"}, flags.labels);
  add_value(command, {"--progress", "KIND", output, "auto, screen, plain or none (auto)"},
            flags.progress);
  add_value(command, {"--config", "FILE", "Other", "more flags: lines such as rate = 20k"},
            flags.config);
}

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command =
      add_command(program, {.name = "load",
                            .purpose = "Load a server; measure it, and whether to believe that.",
                            .usage = "[JOB] TARGET... [options]",
                            .examples = examples});
  add_values(command,
             {"target", "TARGET", "Target",
              "tcp://HOST:PORT, unix:PATH or udp://HOST:PORT; several take turns. Before them a "
              "job: find-max, sweep, compare, report, demo, selftest"},
             flags.words);
  add_load(command, flags);
  add_connections(command, flags);
  add_messages(command, flags);
  add_judgement(command, flags);
  add_surroundings(command, flags);
  return command;
}

}  // namespace weir::tools::load
