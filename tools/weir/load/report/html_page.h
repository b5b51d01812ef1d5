// The page around a report: style, the switch between light and dark, the raw JSON. One file that
// asks for nothing else: its content security policy forbids the browser to fetch anything.
#pragma once

#include <string>
#include <string_view>

namespace weir::tools::load {

struct HtmlPage {
  std::string_view title;      ///< text
  std::string_view body;       ///< markup
  std::string_view json;       ///< JSON, which scripts find as `weir-report`
  std::string_view file_name;  ///< under which the JSON is saved
  /// Markup: what is in it, and what reads it.
  std::string_view json_note =
      "histograms, every second, every setting. <code>weir load report</code> renders it again.";
};

[[nodiscard]] std::string html_page(const HtmlPage& page);

}  // namespace weir::tools::load
