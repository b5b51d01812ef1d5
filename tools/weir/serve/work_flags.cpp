#include "tools/weir/serve/work_flags.h"

#include <limits>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/byte_size.h"
#include "tools/weir/common/command_line.h"
#include "tools/weir/common/count.h"
#include "tools/weir/common/flag_check.h"

namespace weir::tools::serve {
namespace {

/// Each connection may hold a request that is not whole.
constexpr std::uint64_t message_bytes_max = std::uint64_t{64} << 10;

Checked<std::uint64_t> parse_message_bytes(std::string_view text) {
  const auto bytes = parse_byte_size(text);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes == 0 || *bytes > message_bytes_max) {
    return usage_error(fmt::format("\"{}\" is out of range (1 to 64KiB)", text));
  }
  return *bytes;
}

Checked<std::uint64_t> parse_seed(std::string_view text) {
  return parse_count(text, {.min = 0, .max = std::numeric_limits<std::uint32_t>::max()});
}

}  // namespace

void add_work_flags(CLI::App& command, RawWorkFlags& flags) {
  const std::string group = "Service work";
  add_value(command,
            {"--service-time", "SHAPE:TIME", group,
             "how long a request takes: fixed:200us, or exp:200us on average (required)"},
            flags.service_time);
  add_value(command, {"--seed", "N", group, "of exp: the same seed, the same times (1)"},
            flags.seed);
  add_value(command,
            {"--message-bytes", "SIZE", group, "a request, which comes back as it is (64)"},
            flags.message_bytes);
}

Checked<WorkOptions> validate_work(const RawWorkFlags& flags) {
  if (!flags.service_time) {
    return usage_error(
        "how long a request takes is missing; add --service-time, such as --service-time "
        "fixed:200us");
  }
  WorkOptions options;
  UsageError error;
  if (!check_flag("--service-time", flags.service_time, parse_service_time, options.service_time,
                  error) ||
      !check_flag("--seed", flags.seed, parse_seed, options.seed, error) ||
      !check_flag("--message-bytes", flags.message_bytes, parse_message_bytes,
                  options.message_bytes, error)) {
    return std::unexpected(error);
  }
  if (flags.seed && options.service_time.shape == ServiceTime::Shape::fixed) {
    return usage_error("--seed is for exp: a fixed service time has nothing to draw");
  }
  return options;
}

}  // namespace weir::tools::serve
