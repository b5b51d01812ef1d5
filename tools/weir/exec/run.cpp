#include "tools/weir/exec/run.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/backend_choice.h"
#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/exec/quoted_text.h"
#include "tools/weir/exec/reply.h"
#include "weir/protocols/deframer.h"
#include "weir/protocols/json_header.h"
#include "weir/weir.h"

namespace weir::tools::exec {
namespace {

using protocols::Deframer;
using protocols::JsonFrame;
using protocols::JsonHeader;

constexpr std::size_t header_bytes_max = 4096;

/// What came, or at what it failed. `step` is what was being done.
struct Exchange {
  std::optional<JsonFrame> answer;
  std::error_code error;
  std::string step;
};

/// A line end in front asks for requests as lines, see request_splitter.h.
std::string as_request(const std::string& command) { return "\n" + command + "\n"; }

Task<Result<JsonFrame>> read_answer(Stream* stream, std::size_t payload_bytes_max) {
  Deframer deframer(
      JsonHeader({.header_bytes_max = header_bytes_max, .payload_bytes_max = payload_bytes_max}));
  Chain inbox;
  for (;;) {
    Result<std::optional<JsonFrame>> frame = deframer.next(inbox);
    if (!frame) co_return std::unexpected(frame.error());
    if (*frame) co_return std::move(**frame);
    Result<Chain> chunk = co_await stream->read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) co_return fail(Error::end_of_stream);
    inbox.append(std::move(*chunk));
  }
}

template <typename S>
Task<void> ask(Result<S> stream, const Options* options, Exchange* exchange) {
  exchange->step = "cannot connect to";
  exchange->error = stream ? std::error_code() : stream.error();
  if (!stream) co_return;
  exchange->step = "cannot send the command to";
  const std::string request = as_request(options->command);
  const WriteResult sent = co_await stream->write(request);
  exchange->error = sent.error();
  if (!sent) co_return;
  exchange->step = "no answer from";
  Result<JsonFrame> answer = co_await read_answer(&*stream, options->answer_bytes_max);
  exchange->error = answer ? std::error_code() : answer.error();
  if (answer) exchange->answer = std::move(*answer);
}

Task<void> connect_and_ask(const Options* options, Exchange* exchange) {
  const ConnectOptions unlimited{.timeout = Duration::max()};
  exchange->step = "cannot connect to";
  if (options->server.is_unix()) {
    Result<UnixStream> stream = co_await connect_unix(options->server, unlimited);
    Task<void> asking = ask(std::move(stream), options, exchange);
    co_await std::move(asking);
  } else {
    Result<TcpStream> stream = co_await connect(options->server, unlimited);
    Task<void> asking = ask(std::move(stream), options, exchange);
    co_await std::move(asking);
  }
}

std::string explain(const Options& options, const Exchange& exchange) {
  std::string reason = exchange.error.message();
  std::string remedy;
  const std::string server = options.server.to_string();
  if (exchange.error == std::errc::connection_refused ||
      exchange.error == std::errc::no_such_file_or_directory) {
    remedy = fmt::format(
        "; is the server running? \"weir serve exec --listen {} --allow NAME\" starts one", server);
  } else if (exchange.error == Error::deadline_exceeded) {
    reason = fmt::format("nothing came within {}", format_duration(options.timeout, TextStyle{}));
    remedy = "; a longer --timeout may help";
  } else if (exchange.error == Error::frame_too_large) {
    remedy = fmt::format("; more than {} need a larger --output-limit",
                         format_byte_size(static_cast<double>(options.answer_bytes_max)));
  } else if (exchange.error == Error::header_size_invalid ||
             exchange.error == Error::header_malformed) {
    remedy = "; is that a server of commands?";
  }
  return fmt::format("{} {}: {}{}", exchange.step, server, reason, remedy);
}

/// All of it, to whatever the descriptor is. False if nobody reads there.
bool print_bytes(int fd, const Chain& bytes) {
  for (const Buffer& buffer : bytes) {
    std::span<const std::byte> rest = buffer.bytes();
    while (!rest.empty()) {
      const ssize_t written = ::write(fd, rest.data(), rest.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return false;
      rest = rest.subspan(static_cast<std::size_t>(written));
    }
  }
  return true;
}

void print_error(const std::string& problem) {
  fmt::print(stderr, "weir exec: {}\n", problem);
  std::fflush(stderr);
}

ExitCode print_answer(JsonFrame answer, const std::string& server) {
  const auto header = read_reply_header(answer.header, answer.payload.size());
  if (!header) {
    print_error(fmt::format("{} answered with a header that makes no sense: {}", server,
                            quoted_text(answer.header)));
    return ExitCode::no_answer;
  }
  const Chain output = answer.payload.split(answer.payload.size() - header->error_bytes);
  if (!print_bytes(STDOUT_FILENO, output)) {
    print_error(fmt::format("cannot write to stdout: {}", from_errno(errno).message()));
    return ExitCode::run_failed;
  }
  if (!header->refusal.empty()) {
    fmt::print(stderr, "weir exec: {} refused: ", server);
    std::fflush(stderr);
  }
  static_cast<void>(print_bytes(STDERR_FILENO, answer.payload));  // there is nowhere to say it
  if (!header->server_error.empty()) {
    print_error(fmt::format(
        "the server lost track of the command and killed it; this may not be all of it: {}",
        header->server_error));
  }
  if (header->timed_out) print_error("the command was killed at the server's time limit");
  if (header->truncated) {
    print_error("the command's output is over the server's limit; this is not all of it");
  }
  return static_cast<ExitCode>(to_exit_code(*header));
}

/// Prints within the run, because the answer's buffers are the shard's.
Task<void> ask_and_print(const Options* options, std::optional<ExitCode>* exit_code) {
  Exchange exchange;
  Task<void> asking = connect_and_ask(options, &exchange);
  co_await with_timeout(options->timeout, std::move(asking));
  if (exchange.answer) {
    *exit_code = print_answer(std::move(*exchange.answer), options->server.to_string());
  } else {
    print_error(explain(*options, exchange));
  }
}

}  // namespace

ExitCode run(const Options& options) {
  // Ctrl-C ends this process, and with the connection the command.
  const RuntimeOptions runtime{.shards = 1, .signals = SignalPolicy::leave};
  std::optional<ExitCode> exit_code;
  const Result<void> ran = weir::run(runtime, [&] { return ask_and_print(&options, &exit_code); });
  if (!ran) print_error(explain_run_error(runtime.backend, ran.error()));
  return exit_code.value_or(ExitCode::no_answer);
}

}  // namespace weir::tools::exec
