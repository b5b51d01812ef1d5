#include "tools/weir/serve/parse.h"

#include "tools/weir/common/command_line.h"

namespace weir::tools::serve {
namespace {

constexpr const char* examples =
    R"(  weir serve echo --listen 127.0.0.1:9000
      echo on one port of this machine only
  weir serve echo --listen :0
      on a free port, which READY then names
  weir serve echo --listen 127.0.0.1:9000 --codec len32
      answer whole frames only: a length in 4 bytes and so many bytes of payload
  weir serve discard --listen unix:/run/discard.sock
      swallow what comes through a Unix socket
  weir serve upper --listen 127.0.0.1:9000 --per-connection many
      HELLO for each line that says hello; try it with nc 127.0.0.1 9000
  weir serve echo --listen [::]:9000 --shards 4 --cpus 0-3
      four pinned threads, IPv6 only
  weir serve exec --listen 127.0.0.1:9000 --allow date --allow ls
      run these two programs for whoever asks (docs/exec.md); see `weir exec`
  weir serve stall --listen 127.0.0.1:9000 --every 1s --for 100ms
      an echo that hangs for a tenth of each second: what a load has to show
  weir serve work --listen 127.0.0.1:9000 --service-time exp:200us
      one worker and its queue: what queueing theory has to say (docs/load.md)
  weir serve udp-echo --listen 127.0.0.1:9000
      each datagram goes back to whom it came from (docs/udp.md)
  weir serve udp-sink --listen :9000 --receive-buffer 8MiB
      count datagrams, and what is missing of numbered ones
  weir serve upper --udp --listen 127.0.0.1:9000
      HELLO for each datagram that says hello; try it with nc -u 127.0.0.1 9000

The codecs: raw sends bytes back as they come; len16, len32 and varint put the
payload's length before it, line ends it with LF, and json-header is the
format of exec's replies (docs/framing.md). A bad frame, one above 1 MiB and a
stream that ends inside a frame end the connection.

upper changes a to z and no other byte. By default a connection is for one
line: its answer comes without the line end and without space around it, and
ends with the connection. With many, every line is answered with its line end.
A line above 64 KiB ends its connection. With --udp a datagram is answered by
one as long as itself.

stall sends bytes back as they come, except that each period, from READY on,
ends with a silence for all connections together: what comes in it is answered
at its end. work answers requests of one size, one after the other in the order
of their arrival, each when its service time is over. At its end each prints how
exact it was.

Prints "READY ADDRESS" once it accepts connections, or receives datagrams. The
first Ctrl-C lets the connections finish, the second ends them.)";

}  // namespace

CLI::App& add_flags(CLI::App& program, RawFlags& flags) {
  CLI::App& command =
      add_command(program, {.name = "serve",
                            .purpose = "Serve echo, upper case, commands and more over TCP, UDP "
                                       "or Unix sockets.",
                            .usage = "SERVICE --listen ADDRESS [options]",
                            .examples = examples});
  add_value(command,
            {"service", "echo|discard|upper|exec|stall|work|udp-echo|udp-sink", "Service",
             "send back what arrives, swallow it, answer lines in upper case, or run allowed "
             "programs; send back with known delays; send datagrams back, or count them"},
            flags.service);
  add_value(
      command,
      {"-l,--listen", "ADDRESS", "Service",
       "host:port, [v6]:port, :port for all, or unix:PATH; port 0 is any free one (required)"},
      flags.listen);
  add_value(
      command,
      {"--codec", "NAME", "Service", "echo: raw, len16, len32, varint, line or json-header (raw)"},
      flags.codec);
  add_value(
      command,
      {"--per-connection", "one|many", "Service", "upper: lines that a client may send (one)"},
      flags.per_connection);
  add_value(command,
            {"--connections", "N", "Service",
             "connections at once, each thread; others wait (100k; exec: 64)"},
            flags.connections);
  add_value(command,
            {"--idle-timeout", "TIME", "Service",
             "close a connection on which nothing moves (none; exec: 10m)"},
            flags.idle_timeout);

  exec::add_service_flags(command, flags.exec);
  add_stall_flags(command, flags.stall);
  add_work_flags(command, flags.work);
  add_udp_flags(command, flags.udp);

  const std::string machine = "This machine";
  add_value(command, {"-t,--shards", "N", machine, "threads (1, or one a CPU of --cpus)"},
            flags.shards);
  add_value(command, {"--cpus", "LIST", machine, "pin the shards to CPUs, such as 0,2-3"},
            flags.cpus);
  add_value(command, {"--backend", "NAME", machine, "auto, io_uring or epoll (auto)"},
            flags.backend);
  add_value(command,
            {"--spin", "TIME", machine,
             "poll so long before blocking; auto: tries what costs less (auto)"},
            flags.spin);
  return command;
}

}  // namespace weir::tools::serve
