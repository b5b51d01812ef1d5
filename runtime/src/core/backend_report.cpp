#include "weir/core/backend_report.h"

#include <span>

namespace weir {
namespace {

void append_item(std::string& list, std::string_view item) {
  if (!list.empty()) list += ", ";
  list += item;
}

std::string summarize_features(std::span<const BackendFeature> features) {
  std::string used;
  std::string missing;
  for (const BackendFeature& feature : features) {
    if (feature.state == FeatureState::used) {
      append_item(used, feature.name);
    } else if (feature.state != FeatureState::unused) {
      append_item(missing, feature.name);
      missing += " (";
      missing += feature.detail.empty() ? to_string(feature.state) : feature.detail;
      missing += ')';
    }
  }

  std::string text;
  if (!used.empty()) text += "; features: " + used;
  if (!missing.empty()) text += "; not: " + missing;
  return text;
}

}  // namespace

std::string_view to_string(Backend backend) noexcept {
  switch (backend) {
    case Backend::automatic:
      return "auto";
    case Backend::io_uring:
      return "io_uring";
    case Backend::epoll:
      return "epoll";
  }
  return "?";
}

Result<Backend> parse_backend(std::string_view text) noexcept {
  for (const Backend backend : {Backend::automatic, Backend::io_uring, Backend::epoll}) {
    if (text == to_string(backend)) return backend;
  }
  return fail(Error::option_invalid);
}

std::string_view to_string(FeatureState state) noexcept {
  switch (state) {
    case FeatureState::used:
      return "used";
    case FeatureState::unused:
      return "unused";
    case FeatureState::unavailable:
      return "unavailable";
    case FeatureState::failed_self_test:
      return "failed self-test";
    case FeatureState::disabled:
      return "disabled";
  }
  return "?";
}

std::string summary(const BackendReport& report) {
  std::string line = "backend ";
  line += to_string(report.backend);
  line += ": " + report.reason;
  if (!report.remedy.empty()) line += "; remedy: " + report.remedy;
  // What io_uring could do is no news where it is not what runs.
  if (report.backend == Backend::io_uring) line += summarize_features(report.features);
  if (!report.warning.empty()) line += "; warning: " + report.warning;
  return line;
}

}  // namespace weir
