// Shows what the statistics say, for tests that compare it with other programs.
//
//     weir_stats_probe hlog FILE SEED   writes an .hlog with 2 tags and 10 intervals; prints, a
//     line
//                                       a tag, its name and its percentiles over all intervals
//     weir_stats_probe ratio            reads lines "A B"; prints estimate, low and high of A / B
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "tools/weir/load/stats/histogram.h"
#include "tools/weir/load/stats/hlog_writer.h"
#include "tools/weir/load/stats/paired_ratio.h"

namespace {

namespace load = weir::tools::load;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array percentiles{50.0, 90.0, 99.0, 99.9, 99.99, 100.0};

/// Ends of buckets: the maximum itself is not in the file, only its bucket.
void print_percentiles(std::string_view tag, const load::Histogram& histogram) {
  std::string line(tag);
  for (const double percentile : percentiles) {
    const std::uint64_t value = histogram.value_at_percentile(percentile);
    line += fmt::format(" {}", histogram.highest_at(histogram.index_of(value)));
  }
  fmt::print("{} {}\n", line, histogram.count());
}

int write_hlog(const char* path, std::uint64_t seed) {
  const load::HlogHeader header{
      .start = std::chrono::system_clock::time_point(milliseconds(1'764'359'356'250)),
      .comments = {fmt::format("stats probe, seed {}", seed), std::string(300, 'x')}};
  auto writer = load::HlogWriter::create(path, header);
  if (!writer) return EXIT_FAILURE;

  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> service_ns(11.0, 0.7);
  std::lognormal_distribution<double> response_ns(12.0, 2.0);
  std::map<std::string, load::Histogram> totals;
  for (int interval = 0; interval < 10; ++interval) {
    const load::HlogSpan span{.start = seconds(interval), .length = seconds(1)};
    for (const std::string tag : {"response", "service"}) {
      load::Histogram histogram;
      auto& latency_ns = tag == "service" ? service_ns : response_ns;
      for (int sample = 0; sample < 20'000; ++sample) {
        histogram.record(static_cast<std::uint64_t>(latency_ns(random)));
      }
      totals.try_emplace(tag).first->second.merge(histogram);
      if (!writer->write(tag, span, histogram)) return EXIT_FAILURE;
    }
  }
  for (const auto& [tag, histogram] : totals) print_percentiles(tag, histogram);
  return writer->close() ? EXIT_SUCCESS : EXIT_FAILURE;
}

int print_ratio() {
  std::vector<double> a;
  std::vector<double> b;
  for (double x = 0, y = 0; std::cin >> x >> y;) {
    a.push_back(x);
    b.push_back(y);
  }
  const auto ratio = load::paired_ratio(a, b);
  if (!ratio) return EXIT_FAILURE;
  fmt::print("{} {} {}\n", ratio->estimate, ratio->low, ratio->high);
  return EXIT_SUCCESS;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 3 && arguments[0] == "hlog") {
    return write_hlog(arguments[1].c_str(), std::stoull(arguments[2]));
  }
  if (arguments == std::vector<std::string>{"ratio"}) return print_ratio();
  fmt::print(stderr, "usage: weir_stats_probe hlog FILE SEED | weir_stats_probe ratio\n");
  return 2;
}
