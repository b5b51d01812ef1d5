#include "tools/weir/serve/refused_sends.h"

#include <string_view>

#include <fmt/format.h>

namespace weir::tools::serve {

void RefusedSends::add(std::error_code reason, std::uint64_t count) noexcept {
  for (Reason& known : reasons_) {
    if (known.count != 0 && known.error != reason) continue;
    known.error = reason;
    known.count += count;
    return;
  }
  others_ += count;
}

RefusedSends& RefusedSends::operator+=(const RefusedSends& other) noexcept {
  for (const Reason& reason : other.reasons_) {
    if (reason.count != 0) add(reason.error, reason.count);
  }
  others_ += other.others_;
  return *this;
}

std::uint64_t RefusedSends::total() const noexcept {
  std::uint64_t total = others_;
  for (const Reason& reason : reasons_) total += reason.count;
  return total;
}

std::string RefusedSends::to_text() const {
  std::string text = fmt::format("{} answers refused", total());
  std::string_view separator = " (";
  for (const Reason& reason : reasons_) {
    if (reason.count == 0) continue;
    text += fmt::format("{}{} {}", separator, reason.count, reason.error.message());
    separator = ", ";
  }
  if (others_ != 0) text += fmt::format("{}{} for other reasons", separator, others_);
  if (total() != 0) text += ')';
  return text;
}

}  // namespace weir::tools::serve
