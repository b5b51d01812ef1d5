#include "tools/weir/common/backend_choice.h"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/common/nearest_match.h"
#include "weir/core/run.h"

namespace weir::tools {

Checked<Backend> parse_backend_choice(std::string_view text) {
  if (const auto backend = parse_backend(text)) return *backend;
  std::vector<std::string> known;
  for (const Backend backend : {Backend::automatic, Backend::io_uring, Backend::epoll}) {
    known.emplace_back(to_string(backend));
  }
  return usage_error(fmt::format("there is no backend \"{}\"{}", text, suggest(text, known)));
}

std::string explain_run_error(Backend wish, const std::error_code& error) {
  const auto report = explain_backend(wish);
  if (report || report.error().error != error) return error.message();
  const BackendRefusal& refusal = report.error();
  return refusal.remedy.empty() ? refusal.reason
                                : fmt::format("{}; {}", refusal.reason, refusal.remedy);
}

}  // namespace weir::tools
