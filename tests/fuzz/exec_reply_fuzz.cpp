// Properties of a reply to `weir exec`: whatever header a server sends is refused or read within
// bounds, and what our own server makes of any result is read back as it was.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/exec/reply.h"
#include "weir/base/bytes.h"
#include "weir/base/error.h"
#include "weir/protocols/json_header.h"

namespace exec_reply_fuzz {
namespace {

using weir::test::require;
using weir::tools::exec::CommandResult;
using weir::tools::exec::ReplyHeader;

/// Between `make_reply` and a client's limits.
constexpr weir::protocols::JsonHeaderOptions limits{.header_bytes_max = 4096,
                                                    .payload_bytes_max = std::size_t{1} << 20};

void check_bounds(const ReplyHeader& header, std::size_t payload_bytes) {
  require(header.error_bytes <= payload_bytes);
  require(header.exit_status >= 0 && header.exit_status <= 255);
  require(header.signal_number >= 0 && header.signal_number <= 64);
  const int exit_code = weir::tools::exec::to_exit_code(header);
  require(exit_code >= 0 && exit_code <= 255);
  if (!header.refusal.empty() || !header.server_error.empty()) require(exit_code != 0);
}

/// As the client does: first the codec, then the members.
void read_any(std::string_view wire) {
  weir::protocols::JsonHeader codec(limits);
  weir::Chain inbox(weir::Buffer::copy_of(weir::as_bytes(wire)));
  const auto frame = codec.decode(inbox);
  if (!frame || !*frame) return;
  const std::size_t payload_bytes = (*frame)->payload.size();
  const auto header = weir::tools::exec::read_reply_header((*frame)->header, payload_bytes);
  if (header) check_bounds(*header, payload_bytes);
}

CommandResult result_from(weir::test::FuzzInput& input) {
  CommandResult result;
  if (input.flag()) {
    result.end.signal_number = 1 + input.byte() % 64;
  } else {
    result.end.exit_status = input.byte();
  }
  result.timed_out = input.flag();
  result.truncated = input.flag();
  if (input.flag()) result.failure = weir::from_errno(1 + input.byte());
  const std::size_t output_bytes = input.byte();
  const std::string text = input.rest();
  const std::string_view all = text;
  result.output = weir::Buffer::copy_of(weir::as_bytes(all.substr(0, output_bytes)));
  if (output_bytes < all.size()) {
    result.errors = weir::Buffer::copy_of(weir::as_bytes(all.substr(output_bytes)));
  }
  return result;
}

void read_back(weir::test::FuzzInput input) {
  CommandResult result = result_from(input);
  ReplyHeader expected{.exit_status = result.end.exit_status,
                       .signal_number = result.end.signal_number,
                       .error_bytes = result.errors.size(),
                       .timed_out = result.timed_out,
                       .truncated = result.truncated,
                       .server_error = result.failure ? result.failure.message() : std::string(),
                       .refusal = {}};
  const std::string payload = result.output.to_string() + result.errors.to_string();
  weir::protocols::JsonHeader codec(limits);
  weir::Chain wire;
  require(codec.encode(weir::tools::exec::make_reply(std::move(result)), wire).has_value());

  const auto frame = codec.decode(wire);

  require(frame && *frame && wire.empty());
  require((*frame)->payload.to_string() == payload);
  const auto header = weir::tools::exec::read_reply_header((*frame)->header, payload.size());
  require(header.has_value());
  require(*header == expected);
  check_bounds(*header, payload.size());
}

}  // namespace

WEIR_FUZZ_TARGET(exec_reply)(const std::uint8_t* bytes, std::size_t size) {
  const weir::test::FuzzInput input(bytes, size);
  // A header's size is 4 bytes that must fit: spare the fuzzer the search.
  const std::string header = input.rest();
  std::string wire;
  for (int shift = 0; shift < 32; shift += 8) {
    wire += static_cast<char>(static_cast<unsigned char>(header.size() >> shift));
  }
  weir::test::without_and_with_pool([&] {
    read_any(header);
    read_any(wire + header + std::string(64, 'x'));
    read_back(input);
  });
  return 0;
}

}  // namespace exec_reply_fuzz
