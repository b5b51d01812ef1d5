#include "tools/weir/exec/service_flags.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/command_line.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/nearest_match.h"

namespace weir::tools::exec {
namespace {

/// What a header can announce to a client that reads sizes as signed 32-bit numbers.
constexpr std::uint64_t output_bytes_limit = std::uint64_t{1} << 30;

Checked<RequestEnd> parse_request_end(std::string_view text) {
  if (text == "read") return RequestEnd::read;
  if (text == "line") return RequestEnd::line;
  const std::vector<std::string> known = {"read", "line"};
  return usage_error(
      fmt::format("requests cannot end at \"{}\"{}", text, suggest(std::string(text), known)));
}

Checked<std::uint64_t> parse_output_limit(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > output_bytes_limit) {
    return usage_error(fmt::format("\"{}\" is out of range (1 to 1GiB)", text));
  }
  return *bytes;
}

Checked<std::uint64_t> parse_concurrency(std::string_view text) {
  return parse_count(text, {.min = 1, .max = 10'000});
}

bool is_private(const Address& listen) { return listen.is_loopback() || listen.is_unix(); }

}  // namespace

void add_service_flags(CLI::App& command, RawServiceFlags& flags) {
  const std::string group = "Service exec";
  add_values(command,
             {"--allow", "NAME", group,
              "a program that clients may run, from PATH, or NAME=/PATH; may be repeated"},
             flags.allow);
  add_value(command,
            {"--requests", "END", group,
             "where a request ends: read (at a line end, or where a read ended, for the tutorial's "
             "client) or line (read)"},
            flags.requests);
  add_value(command,
            {"--time-limit", "TIME", group,
             "kill a command after so long; a request waits so long for its turn (10s)"},
            flags.time_limit);
  add_value(command, {"--output-limit", "SIZE", group, "kill a command that writes more (1MiB)"},
            flags.output_limit);
  add_value(command, {"--concurrency", "N", group, "commands that run at once (8)"},
            flags.concurrency);
  add_switch(command, {"--log", "", group, "write a line for each request to stderr"},
             flags.is_logged);
  add_switch(command,
             {"--i-understand", "", group,
              "listen where other machines can connect: whoever does runs these programs"},
             flags.is_understood);
}

Checked<ServiceOptions> validate_service(const RawServiceFlags& flags, const Address& listen) {
  ServiceOptions options;
  for (const std::string& text : flags.allow) {
    auto allowed = parse_allowed_name(text);
    if (!allowed) return usage_error(fmt::format("--allow: {}", allowed.error().message));
    options.allowed.push_back(*std::move(allowed));
  }
  if (options.allowed.empty()) {
    return usage_error(
        "exec runs nothing that is not allowed; add --allow NAME, such as --allow "
        "date");
  }
  if (!is_private(listen) && !flags.is_understood) {
    return usage_error(
        fmt::format("{} can be reached from other machines, and whoever connects may run the "
                    "allowed programs, without password or encryption; listen on 127.0.0.1, or "
                    "add --i-understand",
                    listen.to_string()));
  }
  options.is_logged = flags.is_logged;
  UsageError error;
  if (!check_flag("--requests", flags.requests, parse_request_end, options.request_end, error) ||
      !check_flag("--time-limit", flags.time_limit, parse_time_limit, options.time_limit, error) ||
      !check_flag("--output-limit", flags.output_limit, parse_output_limit,
                  options.output_bytes_max, error) ||
      !check_flag("--concurrency", flags.concurrency, parse_concurrency, options.concurrency,
                  error)) {
    return std::unexpected(error);
  }
  return options;
}

}  // namespace weir::tools::exec
