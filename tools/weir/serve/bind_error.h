// Why a service cannot listen, in words.
#pragma once

#include <string>
#include <system_error>

#include "weir/net/address.h"

namespace weir::tools::serve {

/// `cannot listen on ADDRESS: REASON; WHAT TO TRY`
[[nodiscard]] std::string explain_bind_error(const Address& address, std::error_code error);

}  // namespace weir::tools::serve
