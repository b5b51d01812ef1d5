// The number of descriptors this process may have, as a test wants it, and put back at the end.
#pragma once

#include <sys/resource.h>

#include <algorithm>

namespace weir::test {

class DescriptorLimit {
 public:
  explicit DescriptorLimit(rlim_t descriptors) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit limited{.rlim_cur = std::min(descriptors, before_.rlim_max),
                         .rlim_max = before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &limited);
  }
  DescriptorLimit(const DescriptorLimit&) = delete;
  DescriptorLimit& operator=(const DescriptorLimit&) = delete;
  ~DescriptorLimit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

  /// What it is now.
  [[nodiscard]] static rlim_t current() {
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
  }

 private:
  rlimit before_{};
};

}  // namespace weir::test
