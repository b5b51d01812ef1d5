#include "tools/weir/common/json_text.h"

#include <nlohmann/json.hpp>

namespace weir::tools {

std::string json_text(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace weir::tools
