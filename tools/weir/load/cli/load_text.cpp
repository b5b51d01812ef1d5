#include "tools/weir/load/cli/load_text.h"

#include <cmath>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/load/report/labelled_line.h"

namespace weir::tools::load {
namespace {

std::string rate_text(double rate) {
  return rate < 10 ? fmt::format("{:.3g}/s", rate)
                   : format_count(static_cast<std::uint64_t>(std::llround(rate))) + "/s";
}

std::string sizes_text(const Options& options) {
  const ByteRange range = options.target.transport == Transport::datagram
                              ? ByteRange{options.message_bytes, options.message_bytes}
                              : request_payload_range(options.message);
  if (range.is_single()) {
    return format_byte_size(static_cast<double>(options.message_bytes));
  }
  return fmt::format("{} to {}", format_byte_size(static_cast<double>(range.min)),
                     format_byte_size(static_cast<double>(range.max)));
}

std::string schedule_text(const OpenLoad& open, double rate) {
  if (open.trace_path)
    return fmt::format("replay of {}, {} on average", *open.trace_path, rate_text(rate));
  const double first = open.shape.rate_at({});
  const bool is_level = first == open.shape.rate_max() && std::abs(first - rate) < 1e-6 * first;
  const std::string shape = is_level ? rate_text(rate)
                                     : fmt::format("{} on average, up to {}", rate_text(rate),
                                                   rate_text(open.shape.rate_max()));
  return fmt::format("{} {}", shape, to_string(open.arrival));
}

}  // namespace

std::string describe_load(const Options& options) {
  const bool is_datagram = options.target.transport == Transport::datagram;
  const std::string sockets = plural(options.connections, is_datagram ? "socket" : "connection");
  const std::string_view message = is_datagram ? "datagram" : "message";
  std::string text =
      options.open ? fmt::format("open loop: {} over {}",
                                 schedule_text(*options.open, options.rate.value_or(0)), sockets)
                   : fmt::format("closed loop: {}", sockets);
  if (!options.open || options.depth > 1)
    text += fmt::format(" with {} in flight each", options.depth);
  text += fmt::format(", {} a {}", sizes_text(options), message);
  if (!is_datagram && !options.message.codec.is_raw()) {
    text += fmt::format(" in {}", to_text(options.message.codec));
  }
  if (options.answers == Answers::none) text += ", no answers expected";
  return text;
}

}  // namespace weir::tools::load
