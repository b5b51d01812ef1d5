#include "tools/weir/doctor/validate.h"

#include <fmt/format.h>

namespace weir::tools::doctor {

Checked<Options> validate(const RawFlags& flags) {
  if (flags.subject && *flags.subject != "sockets") {
    return usage_error(
        fmt::format("there is no subject \"{}\"; write sockets, or nothing", *flags.subject));
  }
  return Options{.subject = flags.subject ? Subject::sockets : Subject::machine,
                 .format = flags.json ? Format::json : Format::text};
}

}  // namespace weir::tools::doctor
