// Properties of what a client of `weir serve exec` can send: as lines, the requests do not depend
// on how the bytes are cut; none is longer than the limit or holds a line end; and a request that
// can be cut into words is read as the same words after being quoted.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/exec/command_words.h"
#include "tools/weir/exec/request_splitter.h"

namespace exec_request_fuzz {
namespace {

using weir::tools::exec::RequestEnd;
using weir::tools::exec::RequestSplitter;

using weir::test::require;

struct Outcome {
  std::vector<std::string> requests;
  std::error_code error;

  bool operator==(const Outcome&) const = default;
};

/// Feeds `bytes` in pieces of up to `piece_bytes`; 0: all at once.
Outcome split(RequestEnd request_end, std::size_t limit, std::span<const std::byte> bytes,
              std::size_t piece_bytes) {
  RequestSplitter splitter(request_end, limit);
  Outcome outcome;
  // A first line end asks for lines in either mode, and then half a line may be left.
  const bool is_by_lines =
      request_end == RequestEnd::line || (!bytes.empty() && bytes.front() == std::byte{'\n'});
  while (!bytes.empty()) {
    const std::size_t count = piece_bytes == 0 ? bytes.size() : std::min(piece_bytes, bytes.size());
    splitter.append(weir::Chain(weir::Buffer::copy_of(bytes.first(count))));
    bytes = bytes.subspan(count);
    for (;;) {
      const std::size_t bytes_before = splitter.bytes();
      const auto request = splitter.next();
      if (!request) {
        outcome.error = request.error();
        return outcome;
      }
      if (!*request) break;
      require(splitter.bytes() < bytes_before);
      require((*request)->size() <= limit);
      require((*request)->find('\n') == std::string::npos);
      outcome.requests.push_back(**request);
    }
    require(is_by_lines || splitter.empty());
  }
  return outcome;
}

void check_words(const std::string& request) {
  const auto words = weir::tools::exec::split_command(request);
  if (!words) {
    require(!words.error().message.empty());
    return;
  }
  const auto again = weir::tools::exec::split_command(weir::tools::exec::join_command(*words));
  require(again && *again == *words);
}

}  // namespace

WEIR_FUZZ_TARGET(exec_request)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::FuzzInput input(bytes, size);
  const std::size_t limit = input.byte();
  const std::size_t piece_bytes = 1 + input.byte() % 32;
  const std::string rest = input.rest();
  const std::span<const std::byte> text = std::as_bytes(std::span(rest));

  const Outcome whole = split(RequestEnd::line, limit, text, 0);
  require(split(RequestEnd::line, limit, text, piece_bytes) == whole);
  require(split(RequestEnd::line, limit, text, 1) == whole);
  for (const std::string& request : whole.requests) check_words(request);
  for (const std::size_t piece : {std::size_t{0}, piece_bytes}) {
    for (const std::string& request : split(RequestEnd::read, limit, text, piece).requests) {
      check_words(request);
    }
  }
  return 0;
}

}  // namespace exec_request_fuzz
