#include "tools/weir/exec/exec_service.h"

#include <cstdio>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "tools/weir/common/duration.h"
#include "tools/weir/exec/command_run.h"
#include "tools/weir/exec/command_words.h"
#include "tools/weir/exec/request_log.h"
#include "tools/weir/exec/request_splitter.h"
#include "weir/base/buffer_pool.h"
#include "weir/core/deadline.h"
#include "weir/core/shard.h"
#include "weir/core/sleep.h"
#include "weir/core/when_any.h"

namespace weir::tools::exec {
namespace {

using protocols::JsonFrame;
using protocols::JsonHeader;

/// What is read ahead while a command runs. A client that sends more without awaiting an answer is
/// no longer read, and then its end is noticed only when it is.
constexpr std::size_t read_ahead_bytes_max = 16 * request_bytes_max;
constexpr std::size_t read_ahead_reads_max = 256;  // each kept apart has a chain of its own

/// Our own replies keep within the options; the codec has nothing to add.
constexpr protocols::JsonHeaderOptions reply_limits{
    .header_bytes_max = 4096, .payload_bytes_max = std::numeric_limits<std::size_t>::max()};

/// The first line of an HTTP request, or what one read brought of it. A web page can make a browser
/// on this machine send one here, with commands as the lines of its body. Which methods it may use
/// unasked, and asks with: https://fetch.spec.whatwg.org/#cors-safelisted-method.
bool is_http_request_line(std::string_view request) noexcept {
  for (const std::string_view start : {"GET /", "HEAD /", "POST /", "OPTIONS /", "OPTIONS *"}) {
    if (request.starts_with(start)) return true;
  }
  const std::size_t version = request.rfind(" HTTP/");
  return version != std::string_view::npos &&
         request.find(' ', version + 1) == std::string_view::npos;
}

/// What has arrived and is in no request yet. The pool may copy it together: half a line from each
/// of many clients must not pin a slab each.
class RequestInbox final : public PoolHolder {
 public:
  explicit RequestInbox(RequestEnd request_end) : requests(request_end, request_bytes_max) {
    BufferPool::current()->add_holder(*this);
  }
  ~RequestInbox() override { BufferPool::current()->remove_holder(*this); }

  void for_each_chain(FunctionRef<void(Chain&)> visit) noexcept override {
    requests.for_each_chain(visit);
  }

  RequestSplitter requests;
};

std::string peer_text(const Stream& stream) {
  const Result<Address> peer = stream.peer_address();
  return peer ? peer->to_string() : peer.error().message();
}

/// The header that goes out; a plain success has none yet.
std::string outcome_text(const JsonFrame& reply) {
  if (!reply.header.empty()) return reply.header;
  return fmt::format("{{\"data_size\": {}}}", reply.payload.size());
}

/// `nullopt` at the end of the stream. Errors: the stream's; Error::end_of_stream within a request;
/// Error::frame_too_large.
Task<Result<std::optional<std::string>>> next_request(Stream* stream, RequestSplitter* requests) {
  for (;;) {
    Result<std::optional<std::string>> request = requests->next();
    if (!request || *request) co_return std::move(request);
    Result<Chain> chunk = co_await stream->read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty() && !requests->empty()) co_return fail(Error::end_of_stream);
    if (chunk->empty()) co_return std::nullopt;
    requests->append(std::move(*chunk));
  }
}

/// Ends when the peer has ended its side, or with the stream's error. Once it reads ahead no
/// further, or when the shard drains (which ends all streams without the peer's doing), it waits
/// for its cancellation.
Task<Result<void>> watch_peer(Stream* stream, RequestSplitter* requests) {
  while (requests->bytes() < read_ahead_bytes_max && requests->reads() < read_ahead_reads_max) {
    Result<Chain> chunk = co_await stream->read();
    if (!chunk) co_return std::unexpected(chunk.error());
    if (chunk->empty()) {
      if (Shard::current().draining()) break;
      co_return Result<void>();
    }
    requests->append(std::move(*chunk));
  }
  co_return co_await sleep_until(TimePoint::max());
}

Task<Result<void>> send(Stream* stream, JsonFrame reply) {
  Chain bytes;
  const Result<void> encoded = JsonHeader(reply_limits).encode(std::move(reply), bytes);
  if (!encoded) co_return encoded;
  const WriteResult written = co_await stream->write(std::move(bytes));
  co_return written;
}

}  // namespace

Task<Result<void>> ExecService::serve(Stream stream) {
  const std::string peer = options_.is_logged ? peer_text(stream) : std::string();
  RequestInbox inbox(options_.request_end);
  for (;;) {
    const Result<std::optional<std::string>> request =
        co_await next_request(&stream, &inbox.requests);
    if (!request && request.error() == Error::frame_too_large) {
      ++stats_.requests;
      const std::string problem =
          fmt::format("the request is longer than {} bytes", request_bytes_max);
      Task<Result<void>> refusing =
          send(&stream, refuse_for_good(peer, "", Refusal::too_long, problem));
      const Result<void> sent = co_await std::move(refusing);
      if (!sent) co_return sent;
    }
    if (!request) co_return std::unexpected(request.error());
    if (!*request) co_return Result<void>();
    ++stats_.requests;
    // What follows it is no more text than it is, but might hold a line that looks like a command.
    if (const std::optional<std::string> problem = find_not_text(**request)) {
      Task<Result<void>> refusing =
          send(&stream, refuse_for_good(peer, **request, Refusal::not_text, *problem));
      const Result<void> sent = co_await std::move(refusing);
      if (!sent) co_return sent;
      co_return fail(Error::frame_malformed);
    }
    if (is_http_request_line(**request)) {
      ++stats_.refused;
      log(peer, Clock::now(), **request, "hung up on: HTTP");
      co_return fail(Error::frame_malformed);
    }

    const TimePoint begun = Clock::now();
    // Tasks are named before they are awaited: GCC 12 would destroy their arguments twice.
    Task<Result<JsonFrame>> answering = answer(**request);
    Task<Result<void>> watching = watch_peer(&stream, &inbox.requests);
    auto first = co_await when_any(std::move(answering), std::move(watching));
    Result<JsonFrame> reply = std::move(std::get<0>(first.results));
    log(peer, begun, **request, reply ? outcome_text(*reply) : "abandoned");
    if (!reply) co_return std::unexpected(reply.error());
    Task<Result<void>> sending = send(&stream, std::move(*reply));
    const Result<void> sent = co_await std::move(sending);
    if (!sent) co_return sent;
  }
}

void ExecService::log(std::string_view peer, TimePoint begun, std::string_view request,
                      std::string_view outcome) const {
  if (!options_.is_logged) return;
  const std::string line = log_line(
      {.peer = peer, .elapsed = Clock::now() - begun, .request = request, .outcome = outcome});
  fmt::print(stderr, "weir serve exec: {}\n", line);
}

/// The last reply of a connection.
JsonFrame ExecService::refuse_for_good(std::string_view peer, std::string_view request,
                                       Refusal refusal, std::string_view message) {
  JsonFrame reply = refuse(refusal, fmt::format("{}; the connection ends here", message));
  log(peer, Clock::now(), request, reply.header);
  return reply;
}

JsonFrame ExecService::refuse(Refusal refusal, std::string_view message) {
  ++stats_.refused;
  return make_refusal(refusal, message);
}

Task<Result<JsonFrame>> ExecService::answer(std::string request) {
  Checked<std::vector<std::string>> words = split_command(request);
  if (!words) co_return refuse(Refusal::malformed, words.error().message);
  if (words->empty()) co_return JsonFrame();  // as a shell would
  const std::string* const program = allow_list_.find(words->front());
  if (program == nullptr) {
    co_return refuse(Refusal::not_allowed,
                     fmt::format("{} is not allowed here; allowed: {}", quote_word(words->front()),
                                 allow_list_.names_text()));
  }
  Task<Result<JsonFrame>> running = run_words(program, std::move(*words));
  co_return co_await std::move(running);
}

Task<Result<JsonFrame>> ExecService::run_words(const std::string* program,
                                               std::vector<std::string> words) {
  const Result<Semaphore::Permit> slot =
      co_await with_timeout(options_.time_limit, slots_.acquire_permit());
  if (!slot && slot.error() == Error::deadline_exceeded) {
    co_return refuse(
        Refusal::busy,
        fmt::format("{} commands have been running for {}; try again later", options_.concurrency,
                    format_duration(options_.time_limit, TextStyle{})));
  }
  if (!slot) co_return std::unexpected(slot.error());

  const RunLimits limits{.time = options_.time_limit, .output_bytes = options_.output_bytes_max};
  Result<ChildProcess> child = ChildProcess::start(*program, words);
  if (!child) {
    co_return refuse(Refusal::not_started, fmt::format("{} cannot be started: {}", words.front(),
                                                       child.error().message()));
  }
  ++stats_.commands;
  Task<Result<CommandResult>> running = run_command(std::move(*child), limits);
  Result<CommandResult> result = co_await std::move(running);
  if (!result) {
    ++stats_.abandoned;
    co_return std::unexpected(result.error());
  }
  stats_.timed_out += result->timed_out ? 1U : 0U;
  stats_.truncated += result->truncated ? 1U : 0U;
  co_return make_reply(std::move(*result));
}

}  // namespace weir::tools::exec
