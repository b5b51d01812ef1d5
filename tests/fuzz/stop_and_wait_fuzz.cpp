// Properties: with lengths that end with a newline the messages are a function of the bytes alone;
// and neither side accepts anything once it has failed.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "weir/protocols/stop_and_wait.h"

namespace stop_and_wait_fuzz {
namespace {

using weir::test::require;

std::vector<std::string> messages_of(const std::string& stream, std::size_t piece_bytes) {
  weir::protocols::StopAndWaitReceiver receiver({.message_bytes_max = 300,
                                                 .settle_time = std::chrono::seconds(1),
                                                 .message_timeout = std::chrono::seconds(10)});
  std::vector<std::string> events;
  weir::Chain input;
  weir::Chain output;
  for (std::size_t at = 0; at < stream.size(); at += piece_bytes) {
    input.append(
        weir::Buffer::copy_of(weir::as_bytes(std::string_view(stream).substr(at, piece_bytes))));
    for (;;) {
      const auto message = receiver.receive(input, {}, output);
      if (!message) {
        events.push_back(message.error().message());
        require(receiver.receive(input, {}, output).error() == message.error());
        require(!receiver.deadline());
        return events;
      }
      if (!*message) break;
      events.push_back((**message).to_string());
    }
  }
  events.push_back(output.to_string());
  return events;
}

void feed_sender(const std::string& stream) {
  weir::protocols::StopAndWaitSender sender(
      {.message_bytes_max = 300, .acknowledgement_timeout = std::chrono::seconds(1)});
  weir::Chain output;
  require(sender.send(weir::Chain(weir::Buffer::copy_of(weir::as_bytes("message"))), {}, output)
              .has_value());
  weir::Chain input;
  input.append(weir::Buffer::copy_of(weir::as_bytes(stream)));
  const auto acknowledged = sender.receive(input, output);
  require(acknowledged.value_or(false) == (stream == "ok"));
}

}  // namespace

WEIR_FUZZ_TARGET(stop_and_wait)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::FuzzInput input(bytes, size);
  const std::size_t piece_bytes = 1 + input.byte() % 16;
  const std::string stream = input.rest();

  const auto expected = messages_of(stream, 1);
  weir::test::without_and_with_pool([&] {
    for (const std::size_t piece : {std::size_t{1}, piece_bytes, stream.size() + 1}) {
      require(messages_of(stream, piece) == expected);
    }
    feed_sender(stream);
  });
  return 0;
}

}  // namespace stop_and_wait_fuzz
