#include "tools/weir/bench/options.h"

#include <array>

namespace weir::tools::bench {

const std::vector<Suite>& all_suites() {
  static const std::vector<Suite> suites = {Suite::echo,   Suite::framing, Suite::stream,
                                            Suite::churn,  Suite::udp,     Suite::idle,
                                            Suite::shards, Suite::nagle};
  return suites;
}

std::string_view to_text(Suite suite) noexcept {
  static constexpr std::array<std::string_view, 8> words = {"nagle", "echo", "framing", "stream",
                                                            "churn", "udp",  "idle",    "shards"};
  return words[static_cast<std::size_t>(suite)];
}

}  // namespace weir::tools::bench
