// Text inside HTML: nothing that comes from outside may become markup or script.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/text_style.h"

namespace weir::tools::load {

/// For figures in a page.
inline constexpr TextStyle html_style{.utf8 = true};

/// For element content and for attributes in double quotes. Control characters, which HTML forbids,
/// become U+FFFD; so does what is not UTF-8.
[[nodiscard]] std::string html_escaped(std::string_view text);

/// JSON for the inside of a `script` element, which ends at the first `</script` wherever it
/// stands: `<`, `>` and `&` become `\u003c` and so on, which JSON's strings read the same.
[[nodiscard]] std::string json_for_script(std::string_view json);

/// A table with a caption for screen readers. Cells are markup already; the first of a row is its
/// heading.
struct HtmlTable {
  std::string_view caption;
  std::vector<std::string> head{};
  std::vector<std::vector<std::string>> rows{};
  /// `numbers`: columns after the first are right-aligned; `numbers latencies`: and narrow.
  std::string_view css_class{};

  [[nodiscard]] std::string markup() const;
};

}  // namespace weir::tools::load
