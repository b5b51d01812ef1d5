#include "tools/weir/bench/validate.h"

#include <filesystem>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/nearest_match.h"

namespace weir::tools::bench {

Checked<Options> validate(const RawFlags& flags) {
  Options options;
  if (!flags.suite) return usage_error("no suite; there is nagle");
  if (*flags.suite != "nagle") {
    const std::vector<std::string> known = {"nagle"};
    return usage_error(
        fmt::format("there is no suite \"{}\"{}", *flags.suite, suggest(*flags.suite, known)));
  }
  if (flags.quick && flags.full) return usage_error("--quick and --full exclude each other");
  options.effort = flags.full ? Effort::full : Effort::quick;
  if (flags.only) {
    try {
      options.only.emplace(*flags.only, std::regex::ECMAScript | std::regex::optimize);
    } catch (const std::regex_error&) {
      return usage_error(fmt::format("--only: \"{}\" is no regular expression", *flags.only));
    }
  }
  if (flags.output) {
    std::error_code error;
    if (!std::filesystem::is_directory(*flags.output, error)) {
      return usage_error(
          fmt::format("-o: \"{}\" is no directory; make it with mkdir", *flags.output));
    }
    options.directory = *flags.output;
  }
  return options;
}

}  // namespace weir::tools::bench
