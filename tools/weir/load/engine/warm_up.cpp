#include "tools/weir/load/engine/warm_up.h"

#include <algorithm>

namespace weir::tools::load {
namespace {

// A Poisson load of few requests a window differs by more, and is measured after the last window.
constexpr double agreement = 1.05;

}  // namespace

Duration WarmUp::window_for(Duration measured) noexcept {
  return std::clamp<Duration>(measured / 20, std::chrono::milliseconds(50),
                              std::chrono::seconds(1));
}

bool WarmUp::add_window(std::uint64_t answered, std::uint64_t p50_ns) noexcept {
  last_[windows_++ % windows_wanted] = {.answered = static_cast<double>(answered),
                                        .p50 = static_cast<double>(p50_ns)};
  if (windows_ >= windows_max) return true;
  if (windows_ < windows_wanted) return false;
  const auto agree = [this](double Window::* member) {
    const auto [least, most] = std::minmax_element(
        last_.begin(), last_.end(),
        [member](const Window& a, const Window& b) { return a.*member < b.*member; });
    return (*least).*member > 0 && (*most).*member <= agreement * (*least).*member;
  };
  return agree(&Window::answered) && agree(&Window::p50);
}

}  // namespace weir::tools::load
