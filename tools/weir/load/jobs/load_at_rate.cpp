#include "tools/weir/load/jobs/load_at_rate.h"

#include "tools/weir/load/cli/load_text.h"

namespace weir::tools::load {

Options load_at_rate(const Options& options, double rate, std::chrono::nanoseconds duration) {
  Options changed = options;
  const Arrival arrival = options.open ? options.open->arrival : Arrival();
  changed.open =
      OpenLoad{.shape = RateShape({.first = rate, .last = rate}, duration), .arrival = arrival};
  changed.rate = rate;
  changed.duration = duration;
  changed.load_text = describe_load(changed);
  return changed;
}

Options load_for(const Options& options, std::chrono::nanoseconds duration) {
  Options changed = options;
  changed.duration = duration;
  if (!options.open) return changed;
  // A level shape would go on beyond the duration, and say that this were not all of it.
  const RateShape& shape = options.open->shape;
  const bool is_level = shape.rate_at({}) == shape.rate_max() && options.rate == shape.rate_max();
  if (is_level && !options.open->trace_path) return load_at_rate(options, *options.rate, duration);
  return changed;
}

}  // namespace weir::tools::load
