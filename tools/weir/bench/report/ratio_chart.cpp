#include "tools/weir/bench/report/ratio_chart.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/bench/report/suite_text.h"
#include "tools/weir/load/report/html_text.h"

namespace weir::tools::bench {
namespace {

using load::html_escaped;

constexpr double width = 1000;
constexpr double label_width = 300;
constexpr double value_width = 300;
constexpr double row_height = 36;
constexpr double axis_height = 28;
constexpr double strip_height = 130;

/// A logarithmic axis of ratios around 1.
class RatioAxis {
 public:
  RatioAxis(double low, double high, double from, double to) : from_(from), to_(to) {
    low_ = std::log(std::min(low, 0.9)) - 0.02;
    high_ = std::log(std::max(high, 1.1)) + 0.02;
  }
  [[nodiscard]] double at(double ratio) const {
    return from_ + (std::log(ratio) - low_) / (high_ - low_) * (to_ - from_);
  }
  [[nodiscard]] std::vector<double> marks() const {
    std::vector<double> shown;
    // Wide axes have room for few.
    const bool is_wide = high_ - low_ > 1.2;
    for (const double mark : {0.02, 0.05, 0.1, 0.2, 0.5, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.5, 2.0,
                              5.0, 10.0, 20.0, 50.0}) {
      if (std::log(mark) < low_ || std::log(mark) > high_) continue;
      if (is_wide && mark > 0.5 && mark < 2 && mark != 1.0) continue;
      shown.push_back(mark);
    }
    return shown;
  }

 private:
  double from_;
  double to_;
  double low_;
  double high_;
};

std::vector<const SuiteComparison*> of_metric(const CaseResult& result, SuiteMetric metric) {
  std::vector<const SuiteComparison*> found;
  for (const SuiteComparison& comparison : result.comparisons) {
    if (comparison.metric == metric) found.push_back(&comparison);
  }
  for (const SuiteComparison& twice : result.no_change) {
    if (twice.metric == metric) found.push_back(&twice);
  }
  return found;
}

const char* colour_of(const SuiteComparison& comparison) {
  if (comparison.has_too_few_rounds()) return "var(--series-6)";
  switch (comparison.verdict) {
    case load::ComparisonVerdict::faster:
      return "var(--good)";
    case load::ComparisonVerdict::slower:
      return "var(--bad)";
    case load::ComparisonVerdict::unstable:
      return "var(--warn)";
    case load::ComparisonVerdict::no_difference_shown:
      break;
  }
  return "var(--series-6)";
}

/// The ratio, and below it what it means.
std::string value_texts(const SuiteComparison& comparison, double middle,
                        const std::string& standing) {
  std::string svg = fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.1f}\" fill=\"var(--soft)\" font-size=\"12\" "
      "text-anchor=\"end\">{}</text>\n",
      width, standing.empty() ? middle + 4 : middle - 3,
      html_escaped(ratio_text(comparison.ratio)));
  if (standing.empty()) return svg;
  svg += fmt::format(
      "<text x=\"{:.0f}\" y=\"{:.1f}\" fill=\"{}\" font-size=\"11\" "
      "text-anchor=\"end\">{}</text>\n",
      width, middle + 11, colour_of(comparison), html_escaped(standing));
  return svg;
}

struct BarText {
  std::string label;
  std::string standing;
};

std::string bar(const SuiteComparison& comparison, const RatioAxis& axis, double y,
                const BarText& text) {
  const double middle = y + row_height / 2;
  const load::PairedRatio& ratio = comparison.ratio;
  const double one = axis.at(1);
  const double estimate = axis.at(ratio.estimate);
  std::string svg =
      fmt::format("<text x=\"0\" y=\"{:.1f}\" fill=\"var(--text)\" font-size=\"13\">{}</text>\n",
                  middle + 4, html_escaped(text.label));
  svg += fmt::format(
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"8\" fill=\"{}\" "
      "opacity=\"0.35\"/>\n",
      std::min(one, estimate), middle - 4, std::abs(estimate - one), colour_of(comparison));
  svg += fmt::format(
      "<path d=\"M{0:.1f} {2:.1f}H{1:.1f}M{0:.1f} {3:.1f}V{4:.1f}M{1:.1f} {3:.1f}V{4:.1f}\" "
      "stroke=\"{5}\" stroke-width=\"1.5\" fill=\"none\"/>\n",
      axis.at(ratio.low), axis.at(ratio.high), middle, middle - 5, middle + 5,
      colour_of(comparison));
  svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n", estimate,
                     middle, colour_of(comparison));
  if (comparison.target) {
    svg += fmt::format(
        "<path d=\"M{0:.1f} {1:.1f}V{2:.1f}\" stroke=\"var(--link)\" stroke-width=\"2.5\">"
        "<title>target {3:g}</title></path>\n",
        axis.at(*comparison.target), middle - 9, middle + 9, *comparison.target);
  }
  return svg + value_texts(comparison, middle, text.standing);
}

std::string grid(const RatioAxis& axis, double height) {
  std::string svg = "<g class=\"grid\">\n";
  for (const double mark : axis.marks()) {
    svg += fmt::format(
        "<line x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"0\" y2=\"{1:.1f}\"{2}/><text x=\"{0:.1f}\" "
        "y=\"{3:.1f}\" text-anchor=\"middle\">{4:g}</text>\n",
        axis.at(mark), height, mark == 1.0 ? " style=\"stroke:var(--soft)\"" : "", height + 17,
        mark);
  }
  return svg + "</g>\n";
}

std::string figure(const std::string& title, const std::string& note, double height,
                   const std::string& svg) {
  return fmt::format(
      "<figure>\n<figcaption>{0}<span>{1}</span></figcaption>\n<svg viewBox=\"0 0 {2:.0f} "
      "{3:.0f}\" "
      "role=\"img\" aria-label=\"{0}\">\n{4}</svg>\n</figure>\n",
      html_escaped(title), html_escaped(note), width, height, svg);
}

const ContenderResult* find(const CaseResult& result, const std::string& name) {
  const auto found = std::ranges::find(result.contenders, name,
                                       [](const ContenderResult& it) { return it.spec.name; });
  return found == result.contenders.end() ? nullptr : &*found;
}

}  // namespace

std::string ratio_bars(const CaseResult& result, SuiteMetric metric) {
  const std::vector<const SuiteComparison*> rows = of_metric(result, metric);
  if (rows.empty()) return {};
  double low = 1;
  double high = 1;
  for (const SuiteComparison* row : rows) {
    low = std::min({low, row->ratio.low, row->target.value_or(1)});
    high = std::max({high, row->ratio.high, row->target.value_or(1)});
  }
  const RatioAxis axis(low, high, label_width, width - value_width);
  const double height = row_height * static_cast<double>(rows.size());
  std::string svg = grid(axis, height);
  double y = 0;
  for (const SuiteComparison* row : rows) {
    const bool is_twice = std::ranges::any_of(
        result.no_change, [&](const SuiteComparison& it) { return &it == row; });
    const BarText text{.label = is_twice ? "A/A: the same program twice" : pair_text(*row),
                       .standing = is_twice ? noise_text(*row) : standing_text(*row)};
    svg += bar(*row, axis, y, text);
    y += row_height;
  }
  const bool is_low = better_when(metric) == load::BetterWhen::lower;
  return figure(
      metric_text(metric, result.spec.unit),
      fmt::format("ratio with its 95 % interval; {} is better; amber is unstable; a blue tick is "
                  "a target; * marks the better raw loop",
                  is_low ? "left" : "right"),
      height + axis_height, svg);
}

std::string round_strip(const CaseResult& result, SuiteMetric metric) {
  struct Strip {
    std::string label;
    std::vector<double> ratios;
  };
  std::vector<Strip> strips;
  double low = 1;
  double high = 1;
  for (const SuiteComparison& comparison : result.comparisons) {
    if (comparison.metric != metric || !comparison.is_better_raw) continue;
    const ContenderResult* const one = find(result, comparison.numerator);
    const ContenderResult* const other = find(result, comparison.denominator);
    if (one == nullptr || other == nullptr) continue;
    Strip strip{.label = pair_text(comparison), .ratios = {}};
    const std::vector<double>& above = one->samples.of(metric);
    const std::vector<double>& below = other->samples.of(metric);
    for (std::size_t i = 0; i < std::min(above.size(), below.size()); ++i) {
      strip.ratios.push_back(above[i] / below[i]);
      low = std::min(low, strip.ratios.back());
      high = std::max(high, strip.ratios.back());
    }
    strips.push_back(std::move(strip));
  }
  if (strips.empty() || result.rounds < 2) return {};
  const RatioAxis axis(low, high, strip_height, 6);  // upwards is more
  constexpr double left = 60;
  const double step = (width - left - 10) / static_cast<double>(result.rounds);
  std::string svg;
  for (const SuiteComparison& twice : result.no_change) {
    if (twice.metric != metric) continue;
    const double top = axis.at(twice.ratio.high);
    svg += fmt::format(
        "<rect x=\"{:.0f}\" y=\"{:.1f}\" width=\"{:.0f}\" height=\"{:.1f}\" "
        "fill=\"var(--series-6)\" opacity=\"0.2\"><title>A/A</title></rect>\n",
        left, top, width - left - 10, axis.at(twice.ratio.low) - top);
  }
  svg += "<g class=\"grid\">\n";
  for (const double mark : axis.marks()) {
    svg += fmt::format(
        "<line x1=\"{0:.0f}\" x2=\"{1:.0f}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/><text x=\"{3:.0f}\" "
        "y=\"{4:.1f}\" text-anchor=\"end\">{5:g}</text>\n",
        left, width - 10, axis.at(mark), left - 8, axis.at(mark) + 4, mark);
  }
  svg += "</g>\n";
  std::string legend;
  for (std::size_t which = 0; which < strips.size(); ++which) {
    const Strip& strip = strips[which];
    const std::size_t colour = which % 6 + 1;
    for (std::size_t round = 0; round < strip.ratios.size(); ++round) {
      const double x =
          left + step * (static_cast<double>(round) + 0.5) + 4 * (static_cast<double>(which) - 0.5);
      svg += fmt::format(
          "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"var(--series-{})\"><title>{}, "
          "round "
          "{}: {:.3f}</title></circle>\n",
          x, axis.at(strip.ratios[round]), colour, html_escaped(strip.label), round + 1,
          strip.ratios[round]);
    }
    legend += fmt::format(" {} {}", colour == 1 ? "blue:" : "orange:", strip.label);
  }
  return figure(metric_text(metric, result.spec.unit) + ", round by round",
                "the grey band is A/A;" + legend, strip_height + 8, svg);
}

}  // namespace weir::tools::bench
