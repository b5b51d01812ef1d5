#include "tools/weir/load/cli/validate_datagrams.h"

#include <chrono>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/load/cli/validate_streams.h"
#include "weir/protocols/datagram_header.h"

namespace weir::tools::load {
namespace {

// 65535 of IPv4 without its header (20) and that of UDP (8).
constexpr std::uint64_t datagram_bytes_max = 65'507;
constexpr std::chrono::nanoseconds lost_after_min = std::chrono::milliseconds(1);
constexpr std::chrono::nanoseconds lost_after_max = std::chrono::minutes(10);

Checked<std::chrono::nanoseconds> parse_lost_after(std::string_view text) {
  auto duration = parse_duration(text);
  if (duration && (*duration < lost_after_min || *duration > lost_after_max)) {
    return usage_error(fmt::format("{} is out of range (1ms to 10m)", text));
  }
  return duration;
}

}  // namespace

Checked<void> check_datagram_load(const RawFlags& flags) {
  const auto of_streams = refuse_stream_flags(flags);
  if (!of_streams) return of_streams;
  if (flags.one_way && flags.closed) {
    return usage_error(
        "--one-way and --closed exclude each other: without answers only the clock can say when "
        "the next datagram leaves");
  }
  if (flags.depth && !flags.closed) {
    return usage_error(
        "--depth is for --closed: otherwise the clock decides how many are under way");
  }
  if (flags.lost_after && flags.one_way) {
    return usage_error("--lost-after makes no sense with --one-way, which expects no answers");
  }
  if (flags.closed && flags.requests) {
    return usage_error("-n is for a schedule (--rate); a closed loop of datagrams ends by -d");
  }
  if (flags.warm_up) {
    return usage_error("--warmup is for connections: datagrams need nothing to be set up");
  }
  if (flags.abort_on) {
    return usage_error("--abort-on is for tcp:// and unix: targets");
  }
  if (flags.timeout) {
    return usage_error(
        "--timeout is for connections; with udp:// --lost-after limits how long an answer takes");
  }
  return {};
}

bool parse_datagram_flags(const RawFlags& flags, Options& options, UsageError& error) {
  if (!flags.closed) options.connections = 1;
  if (flags.one_way) options.answers = Answers::none;
  return check_flag("--size", flags.size, parse_datagram_bytes, options.message_bytes, error) &&
         check_flag("--lost-after", flags.lost_after, parse_lost_after, options.lost_after, error);
}

Checked<std::uint64_t> parse_datagram_bytes(std::string_view text) {
  auto bytes = parse_byte_size(text);
  constexpr std::uint64_t datagram_bytes_min = protocols::DatagramHeader::wire_bytes;
  if (bytes && (*bytes < datagram_bytes_min || *bytes > datagram_bytes_max)) {
    return usage_error(fmt::format("{} is out of range ({} to {} bytes in a datagram)", text,
                                   datagram_bytes_min, datagram_bytes_max));
  }
  return bytes;
}

}  // namespace weir::tools::load
