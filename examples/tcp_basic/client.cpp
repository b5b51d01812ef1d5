// The tutorial's first client: connects, says "hello!", prints the answer.
//
//     weir_tcp_basic_client ADDRESS [MESSAGE]
//
// The wire has no frames. The original takes what its first recv() returns for the answer; here the
// answer is what comes until the server ends the stream, which every server of this kind does, so
// it is whole however it was cut. Deadlines bound both ways to wait for ever.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <expected>
#include <string>
#include <utility>

#include "weir/weir.h"

namespace {

constexpr auto patience = std::chrono::seconds(5);
constexpr std::size_t answer_bytes_max = 1 << 20;

weir::Task<weir::Result<weir::Chain>> read_to_the_end(weir::TcpStream* stream) {
  weir::Chain answer;
  while (answer.size() <= answer_bytes_max) {
    weir::Result<weir::Chain> bytes = co_await stream->read();
    if (!bytes) co_return std::unexpected(bytes.error());
    if (bytes->empty()) co_return answer;
    answer.append(std::move(*bytes));
  }
  co_return weir::fail(weir::Error::limit_exceeded);
}

weir::Task<weir::Result<std::string>> ask(weir::Address server, std::string message) {
  weir::Result<weir::TcpStream> stream = co_await weir::connect(server, {.timeout = patience});
  if (!stream) co_return std::unexpected(stream.error());
  const weir::Result<void> written = co_await stream->write(message);
  if (!written) co_return std::unexpected(written.error());

  weir::Task<weir::Result<weir::Chain>> reading = read_to_the_end(&*stream);
  weir::Result<weir::Chain> answer = co_await weir::with_timeout(patience, std::move(reading));
  if (!answer) co_return std::unexpected(answer.error());
  co_return answer->to_string();  // buffers end with the runtime, so the text leaves
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: weir_tcp_basic_client ADDRESS [MESSAGE]\n");
    return 2;
  }
  const weir::Result<weir::Address> server = weir::Address::parse(argv[1]);
  if (!server) {
    std::fprintf(stderr, "weir_tcp_basic_client: %s\n",
                 weir::explain_address_error(argv[1]).c_str());
    return 2;
  }
  const std::string message = argc > 2 ? argv[2] : "hello!";
  const weir::Result<std::string> answer =
      weir::run({.shards = 1}, [&] { return ask(*server, message); });
  if (!answer) {
    std::fprintf(stderr, "weir_tcp_basic_client: %s: %s\n", argv[1],
                 answer.error().message().c_str());
    return EXIT_FAILURE;
  }
  std::printf("%s\n", answer->c_str());
  return answer->empty() ? 3 : EXIT_SUCCESS;
}
