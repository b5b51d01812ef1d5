#include "tools/weir/load/cli/job_flags.h"

#include <initializer_list>

namespace weir::tools::load {
namespace {

bool is_one_of(std::string_view flag, std::initializer_list<std::string_view> flags) noexcept {
  for (const std::string_view one : flags) {
    if (one == flag) return true;
  }
  return false;
}

bool chooses_rates(std::string_view flag) noexcept {
  return is_one_of(flag, {"closed", "think", "rate", "steps", "shape", "replay"});
}

}  // namespace

bool job_takes(Job job, std::string_view flag) noexcept {
  if (flag == "config") return true;
  if (flag == "rates") return job == Job::sweep;
  if (flag == "range") return job == Job::find_max;
  if (flag == "rounds") return job == Job::compare;
  switch (job) {
    case Job::run:
    case Job::demo:
      return true;
    case Job::find_max:
      return !chooses_rates(flag) && !is_one_of(flag, {"hlog", "csv", "html"});
    case Job::sweep:
      return !chooses_rates(flag) && flag != "hlog";
    case Job::compare:
      return !is_one_of(flag, {"slo", "abort-on", "hlog", "csv", "html"});
    case Job::report:
      return is_one_of(
          flag, {"slo", "strict", "allow-untrusted", "label", "output", "csv", "html", "progress"});
    case Job::selftest:
      return is_one_of(flag,
                       {"seed", "backend", "strict", "allow-untrusted", "output", "progress"});
  }
  return true;
}

}  // namespace weir::tools::load
