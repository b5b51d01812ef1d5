#include "tools/weir/bench/plot/svg_document.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/load/report/html_text.h"

namespace weir::tools::bench {
namespace {

using load::html_escaped;

// Colours that differ in lightness as well, each with a contrast of 4.5 and more to its ground.
constexpr std::string_view style_element = R"(<style>
svg { color: #1f2328; font: 13px system-ui, "DejaVu Sans", sans-serif; }
.s1 { color: #b3261e; } .s2 { color: #0b57d0; } .s3 { color: #1a6b35; }
@media (prefers-color-scheme: dark) {
  svg { color: #e6edf3; }
  .s1 { color: #ff9e93; } .s2 { color: #8ab4f8; } .s3 { color: #7ddf9a; }
}
text { fill: currentColor; }
.title { font-size: 16px; font-weight: 600; }
.frame { stroke: currentColor; stroke-width: 1; }
.grid { stroke: currentColor; stroke-opacity: .18; }
.mark { stroke: currentColor; stroke-dasharray: 5 4; }
.series { fill: none; stroke: currentColor; stroke-width: 2; }
.point { fill: currentColor; }
</style>
)";

constexpr double title_x = 16;
constexpr double title_y = 26;

constexpr std::array<std::string_view, svg_series_max> shapes = {
    R"(<circle r="4.5"/>)", R"(<rect x="-4" y="-4" width="8" height="8"/>)",
    R"(<path d="M0 -5.5L5 4H-5Z"/>)"};

}  // namespace

std::string svg_document(const SvgHead& head, const std::string& body) {
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0:g} {1:g}\" "
             "width=\"{0:g}\" height=\"{1:g}\" role=\"img\" aria-labelledby=\"title "
             "description\">\n"
             "<title id=\"title\">{2}</title>\n<desc id=\"description\">{3}</desc>\n",
             head.extent.width, head.extent.height, html_escaped(head.title),
             html_escaped(head.description)) +
         std::string(style_element) +
         fmt::format("<text class=\"title\" x=\"{:g}\" y=\"{:g}\">{}</text>\n", title_x, title_y,
                     html_escaped(head.title)) +
         body + "</svg>\n";
}

std::string svg_text(double x, double y, const char* anchor, const std::string& text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y, anchor,
                     html_escaped(text));
}

std::string svg_line(const char* css_class, const SvgLine& line) {
  return fmt::format(
      "<line class=\"{}\" x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\"/>\n", css_class,
      line.x1, line.y1, line.x2, line.y2);
}

std::string svg_point(std::size_t series, double x, double y, const std::string& label) {
  return fmt::format(
      "<g class=\"point s{}\" transform=\"translate({:.1f} {:.1f})\">{}<title>{}</title></g>\n",
      series % svg_series_max + 1, x, y, shapes[series % svg_series_max], html_escaped(label));
}

}  // namespace weir::tools::bench
