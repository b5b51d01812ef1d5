#include "tools/weir/load/cli/validate_streams.h"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"
#include "tools/weir/load/cli/source_list.h"
#include "tools/weir/load/message/payload_file.h"
#include "tools/weir/load/message/template_parser.h"
#include "tools/weir/load/plan/rate.h"

namespace weir::tools::load {
namespace {

constexpr std::uint64_t socket_buffer_max = std::uint64_t{1} << 30;

Checked<bool> parse_switch(std::string_view text) {
  if (text == "on") return true;
  if (text == "off") return false;
  return usage_error(fmt::format("\"{}\" is neither on nor off", text));
}

Checked<std::optional<bool>> parse_optional_switch(std::string_view text) {
  const auto parsed = parse_switch(text);
  if (!parsed) return std::unexpected(parsed.error());
  return std::optional<bool>(*parsed);
}

Checked<std::optional<std::size_t>> parse_socket_buffer(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > socket_buffer_max) {
    return usage_error(fmt::format("{} is out of range (1 B to 1 GiB)", text));
  }
  return std::optional<std::size_t>(*bytes);
}

Checked<WritePattern> parse_pattern(std::string_view text) {
  if (text == "wr" || text == "w") return WritePattern::whole;
  if (text == "wwr") return WritePattern::two_then_read;
  if (text == "ww") return WritePattern::two;
  const std::vector<std::string> known = {"wr", "wwr", "w", "ww"};
  return usage_error(fmt::format("there is no pattern \"{}\"{}; there are wr, wwr, w and ww", text,
                                 suggest(text, known)));
}

bool apply_messages(const RawFlags& flags, MessageOptions& message, UsageError& error) {
  const auto size = [](std::string_view text) -> Checked<std::optional<SizeModel>> {
    auto model = parse_size_model(text);
    if (!model) return std::unexpected(model.error());
    return std::optional<SizeModel>(*std::move(model));
  };
  const auto pattern = [](std::string_view text) -> Checked<std::optional<PayloadTemplate>> {
    auto parsed = parse_payload_template(text);
    if (!parsed) return std::unexpected(parsed.error());
    return std::optional<PayloadTemplate>(*std::move(parsed));
  };
  const auto file = [](std::string_view text) -> Checked<std::optional<std::string>> {
    auto bytes = read_payload_file(text);
    if (!bytes) return std::unexpected(bytes.error());
    return std::optional<std::string>(*std::move(bytes));
  };
  const auto expectation = [](std::string_view text) -> Checked<std::optional<Expectation>> {
    auto parsed = parse_expectation(text);
    if (!parsed) return std::unexpected(parsed.error());
    return std::optional<Expectation>(*std::move(parsed));
  };
  return check_flag("--codec", flags.codec, parse_load_codec, message.codec, error) &&
         check_flag("--size", flags.size, size, message.size, error) &&
         check_flag("--payload", flags.payload, pattern, message.pattern, error) &&
         check_flag("--payload-file", flags.payload_file, file, message.file_bytes, error) &&
         check_flag("--expect", flags.expect, expectation, message.expectation, error);
}

bool apply_sockets(const RawFlags& flags, SocketChoice& sockets, UsageError& error) {
  sockets.cork = flags.cork;
  return check_flag("--nodelay", flags.nodelay, parse_optional_switch, sockets.nodelay, error) &&
         check_flag("--quickack", flags.quickack, parse_optional_switch, sockets.quickack, error) &&
         check_flag("--sndbuf", flags.send_buffer, parse_socket_buffer, sockets.send_buffer_bytes,
                    error) &&
         check_flag("--rcvbuf", flags.receive_buffer, parse_socket_buffer,
                    sockets.receive_buffer_bytes, error);
}

bool apply_churn(const RawFlags& flags, Options& options, UsageError& error) {
  const auto count = [](std::string_view text) -> Checked<std::optional<std::uint64_t>> {
    const auto parsed = parse_count(text, {.min = 1, .max = 1'000'000'000'000});
    if (!parsed) return std::unexpected(parsed.error());
    return std::optional<std::uint64_t>(*parsed);
  };
  const auto lifetime =
      [](std::string_view text) -> Checked<std::optional<std::chrono::nanoseconds>> {
    const auto parsed = parse_time_limit(text);
    if (!parsed) return std::unexpected(parsed.error());
    return std::optional<std::chrono::nanoseconds>(*parsed);
  };
  const auto rate = [](std::string_view text) -> Checked<std::optional<double>> {
    const auto parsed = parse_rate(text);
    if (!parsed) return std::unexpected(parsed.error());
    return std::optional<double>(*parsed);
  };
  const auto idle = [](std::string_view text) {
    return parse_count(text, {.min = 0, .max = connections_max});
  };
  return check_flag("--reqs-per-conn", flags.requests_per_connection, count,
                    options.churn.requests_per_connection, error) &&
         check_flag("--conn-lifetime", flags.lifetime, lifetime, options.churn.lifetime, error) &&
         check_flag("--conn-rate", flags.connect_rate, rate, options.churn.connects_per_second,
                    error) &&
         check_flag("--idle-conns", flags.idle_connections, idle, options.idle_connections,
                    error) &&
         check_flag("--source", flags.sources, parse_source_list, options.sources, error);
}

/// What --pattern says about answers.
Checked<void> apply_pattern(const RawFlags& flags, Options& options) {
  if (!flags.pattern) return {};
  UsageError error;
  if (!check_flag("--pattern", flags.pattern, parse_pattern, options.pattern, error)) {
    return std::unexpected(error);
  }
  const bool is_one_way = *flags.pattern == "w" || *flags.pattern == "ww";
  if (is_one_way) {
    if (flags.expect && *flags.expect != "none") {
      return usage_error(fmt::format("--pattern {} sends without answers, --expect {} wants one",
                                     *flags.pattern, *flags.expect));
    }
    options.message.expectation = ExpectNone{};
  }
  if (options.pattern != WritePattern::whole && options.depth > 1) {
    return usage_error(
        fmt::format("--pattern {} needs --depth 1: the second write of a request would meet the "
                    "first of the next",
                    *flags.pattern));
  }
  return {};
}

}  // namespace

Checked<void> apply_stream_flags(const RawFlags& flags, Options& options) {
  UsageError error;
  if (!apply_messages(flags, options.message, error) ||
      !apply_sockets(flags, options.sockets, error) || !apply_churn(flags, options, error)) {
    return std::unexpected(error);
  }
  const auto pattern = apply_pattern(flags, options);
  if (!pattern) return pattern;
  const auto message = check_message_options(options.message);
  if (!message) return message;
  options.message_bytes = std::max<std::size_t>(1, request_payload_range(options.message).max);
  if (std::holds_alternative<ExpectNone>(effective_expectation(options.message))) {
    options.answers = Answers::none;
  }
  if (options.target.address.is_unix() &&
      (flags.nodelay || flags.quickack || flags.cork || flags.sources || flags.send_buffer ||
       flags.receive_buffer)) {
    return usage_error(
        "--nodelay, --quickack, --cork, --sndbuf, --rcvbuf and --source are for tcp:// targets");
  }
  return {};
}

Checked<void> refuse_stream_flags(const RawFlags& flags) {
  const std::array<std::pair<const char*, bool>, 18> of_streams = {
      {{"--codec", flags.codec.has_value()},
       {"--payload", flags.payload.has_value()},
       {"--payload-file", flags.payload_file.has_value()},
       {"--expect", flags.expect.has_value()},
       {"--pattern", flags.pattern.has_value()},
       {"--nodelay", flags.nodelay.has_value()},
       {"--quickack", flags.quickack.has_value()},
       {"--cork", flags.cork},
       {"--sndbuf", flags.send_buffer.has_value()},
       {"--rcvbuf", flags.receive_buffer.has_value()},
       {"--reqs-per-conn", flags.requests_per_connection.has_value()},
       {"--conn-lifetime", flags.lifetime.has_value()},
       {"--conn-rate", flags.connect_rate.has_value()},
       {"--idle-conns", flags.idle_connections.has_value()},
       {"--source", flags.sources.has_value()},
       {"--think", flags.think.has_value()},
       {"--max-queue", flags.queue_max.has_value()},
       {"--on-behind", flags.on_behind.has_value()}}};
  for (const auto& [name, is_set] : of_streams) {
    if (is_set) return usage_error(fmt::format("{} is for tcp:// and unix: targets", name));
  }
  return {};
}

}  // namespace weir::tools::load
