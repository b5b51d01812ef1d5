#include "tools/weir/exec/validate.h"

#include <cstdint>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/exec/command_words.h"

namespace weir::tools::exec {
namespace {

constexpr std::uint64_t answer_bytes_limit = std::uint64_t{1} << 30;

/// An address, also behind the scheme that the target of `weir load` has.
Checked<Address> parse_server(std::string_view text) {
  constexpr std::string_view scheme = "tcp://";
  if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
  const auto address = Address::parse(text);
  if (!address) return usage_error(explain_address_error(text));
  if (address->is_ip() && address->port() == 0) {
    return usage_error(
        fmt::format("{}: nothing listens on port 0; write the port that the server printed", text));
  }
  return *address;
}

Checked<std::uint64_t> parse_answer_limit(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > answer_bytes_limit) {
    return usage_error(fmt::format("\"{}\" is out of range (1 to 1GiB)", text));
  }
  return *bytes;
}

/// One word is a command line already, several are its words.
Checked<std::string> command_text(const std::vector<std::string>& words) {
  std::string text = words.size() == 1 ? words.front() : join_command(words);
  if (text.find('\n') != std::string::npos) {
    return usage_error("the command holds a line end, where it would be cut in two");
  }
  return text;
}

}  // namespace

Checked<Options> validate(const RawFlags& flags) {
  Options options;
  if (!flags.server) {
    return usage_error("the server is missing; write exec 127.0.0.1:9000 COMMAND");
  }
  if (flags.command.empty()) {
    return usage_error(fmt::format("the command is missing; write exec {} COMMAND", *flags.server));
  }
  UsageError error;
  if (!check_flag("server", flags.server, parse_server, options.server, error) ||
      !check_flag("--timeout", flags.timeout, parse_duration, options.timeout, error) ||
      !check_flag("--output-limit", flags.output_limit, parse_answer_limit,
                  options.answer_bytes_max, error)) {
    return std::unexpected(error);
  }
  auto command = command_text(flags.command);
  if (!command) return std::unexpected(command.error());
  options.command = *std::move(command);
  return options;
}

}  // namespace weir::tools::exec
