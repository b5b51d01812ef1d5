// An SVG file that stands alone: its own letters and colours, readable on light and on dark ground,
// and read out by its title and description. No script, nothing from elsewhere.
//
// Text and axes have the colour of the document's text (`currentColor`), which follows what the
// reader prefers; the classes `s1` to `s3` are the colours of series.
#pragma once

#include <cstddef>
#include <string>

namespace weir::tools::bench {

struct SvgExtent {
  double width = 760;
  double height = 420;
};

struct SvgHead {
  std::string title;
  std::string description;  ///< what is to be seen, in a sentence
  SvgExtent extent{};
};

inline constexpr std::size_t svg_series_max = 3;

/// \param body  markup
[[nodiscard]] std::string svg_document(const SvgHead& head, const std::string& body);

/// A piece of text; `anchor` is start, middle or end.
[[nodiscard]] std::string svg_text(double x, double y, const char* anchor, const std::string& text);

/// A line of class `css_class`.
struct SvgLine {
  double x1, y1, x2, y2;
};
[[nodiscard]] std::string svg_line(const char* css_class, const SvgLine& line);

/// The mark of a point: another shape for each series, so that nobody has to tell colours apart.
[[nodiscard]] std::string svg_point(std::size_t series, double x, double y,
                                    const std::string& label);

}  // namespace weir::tools::bench
