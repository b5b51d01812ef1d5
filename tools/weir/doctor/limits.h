// What this machine and this process allow, judged for network services: each limit with its value,
// a verdict, the reason and the command that mends it.
//
// Reads files only, changes nothing, needs no privileges.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/system_files.h"

namespace weir::tools::doctor {

enum class Verdict : std::uint8_t { ok, will_hurt, cannot_tell };

[[nodiscard]] std::string_view to_text(Verdict verdict) noexcept;

struct LimitFinding {
  std::string name;   ///< as in its manual page: `nofile`, `net.core.somaxconn`
  std::string value;  ///< as a person reads it; "unknown" if it could not be read
  Verdict verdict = Verdict::cannot_tell;
  std::string reason;    ///< one clause: what the value means
  std::string remedy{};  ///< one command; empty if there is nothing to mend
};

/// In reading order: the process, its sockets, the machine.
[[nodiscard]] std::vector<LimitFinding> examine_limits(const SystemFiles& files);

}  // namespace weir::tools::doctor
