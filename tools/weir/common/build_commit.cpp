#include "tools/weir/common/build_commit.h"

#include "build_commit_values.h"

namespace weir::tools {

std::string_view build_commit() noexcept { return WEIR_BUILD_COMMIT; }

std::string_view build_flags() noexcept { return WEIR_BUILD_FLAGS; }

}  // namespace weir::tools
