// From the flags of `weir bench` to what they mean.
#pragma once

#include <string>
#include <variant>

#include "tools/weir/bench/options.h"
#include "tools/weir/bench/parse.h"
#include "tools/weir/common/usage_error.h"

namespace weir::tools::bench {

/// `weir bench doctor`.
struct DoctorJob {};

/// `weir bench compare OLD NEW`: two files of results.
struct CompareJob {
  std::string old_path;
  std::string new_path;
  Options selection{};  ///< --only, --contenders
};

using Job = std::variant<Options, DoctorJob, CompareJob>;

[[nodiscard]] Checked<Job> validate(const RawFlags& flags);

}  // namespace weir::tools::bench
