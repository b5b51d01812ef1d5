#include "tools/weir/load/cli/read_job.h"

#include <algorithm>

#include "tools/weir/common/flag_settings.h"
#include "tools/weir/load/cli/job.h"
#include "tools/weir/load/cli/job_flags.h"

namespace weir::tools::load {
namespace {

constexpr std::string_view prefix = "WEIR_LOAD_";

FlagSettings::Alternatives alternatives() {
  return {{"closed", "rate", "steps", "shape", "replay"},
          {"payload", "payload-file"},
          {"strict", "allow-untrusted"}};
}

Job job_of(const RawFlags& flags) {
  return flags.words.empty() ? Job::run : parse_job(flags.words.front()).value_or(Job::run);
}

/// What services that build and test software set: GitHub, GitLab, Travis, Circle and others.
bool is_ci(std::span<const std::string> variables) {
  return std::find(variables.begin(), variables.end(), "CI=true") != variables.end();
}

Checked<void> apply_layers(FlagSettings& settings, RawFlags& flags,
                           std::span<const std::string> variables) {
  const auto takes = [job = job_of(flags)](const std::string& flag) {
    return job_takes(job, flag);
  };
  const auto environment = settings.apply(environment_settings(variables, prefix), takes);
  if (!environment || !flags.config) return environment;
  const auto file = read_setting_file(*flags.config);
  if (!file) return usage_error("--config: " + file.error().message);
  for (const Setting& setting : *file) {
    if (setting.name == "config") {
      return usage_error(setting.origin + ": a file can't name another; only --config can");
    }
  }
  return settings.apply(*file, takes);
}

}  // namespace

Checked<JobOptions> read_job(CLI::App& command, RawFlags& flags,
                             std::span<const std::string> variables) {
  FlagSettings settings(command, alternatives(), /*hidden=*/{"help"});
  const auto applied = apply_layers(settings, flags, variables);
  if (!applied) return usage_error(settings.explain(applied.error().message));
  if (is_ci(variables)) flags.is_ci = true;
  auto job = validate_job(flags);
  if (!job) return usage_error(settings.explain(job.error().message));
  return job;
}

}  // namespace weir::tools::load
