#include "tools/weir/load/cli/job.h"

#include <array>
#include <utility>

namespace weir::tools::load {
namespace {

constexpr std::array<std::pair<std::string_view, Job>, 6> names = {{{"demo", Job::demo},
                                                                    {"find-max", Job::find_max},
                                                                    {"sweep", Job::sweep},
                                                                    {"compare", Job::compare},
                                                                    {"report", Job::report},
                                                                    {"selftest", Job::selftest}}};

}  // namespace

std::optional<Job> parse_job(std::string_view word) noexcept {
  for (const auto& [name, job] : names) {
    if (name == word) return job;
  }
  return std::nullopt;
}

std::string_view to_text(Job job) noexcept {
  for (const auto& [name, named] : names) {
    if (named == job) return name;
  }
  return "run";
}

}  // namespace weir::tools::load
