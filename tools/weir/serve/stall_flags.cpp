#include "tools/weir/serve/stall_flags.h"

#include <fmt/format.h>

#include "tools/weir/common/command_line.h"
#include "tools/weir/common/duration.h"
#include "tools/weir/common/flag_check.h"
#include "tools/weir/common/text_style.h"

namespace weir::tools::serve {

void add_stall_flags(CLI::App& command, RawStallFlags& flags) {
  const std::string group = "Service stall";
  add_value(command, {"--every", "TIME", group, "the period, each of which ends with a stall (1s)"},
            flags.every);
  add_value(command,
            {"--for", "TIME", group, "how long a stall is, shorter than the period (100ms)"},
            flags.length);
}

Checked<StallOptions> validate_stall(const RawStallFlags& flags) {
  StallOptions options;
  UsageError error;
  if (!check_flag("--every", flags.every, parse_time_limit, options.every, error) ||
      !check_flag("--for", flags.length, parse_time_limit, options.length, error)) {
    return std::unexpected(error);
  }
  if (options.length >= options.every) {
    return usage_error(
        fmt::format("a stall of {} in every {} would never end; make --for shorter than --every",
                    format_duration(options.length, {}), format_duration(options.every, {})));
  }
  return options;
}

}  // namespace weir::tools::serve
