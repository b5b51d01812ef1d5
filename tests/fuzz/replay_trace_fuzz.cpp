// Properties of a trace: requests in ascending order or an error that says where and what, and the
// same wherever the text lies in the blocks in which it is read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/load/plan/replay_trace.h"

namespace replay_trace_fuzz {
namespace {

using weir::test::require;
using weir::tools::load::ReplayTrace;
using weir::tools::load::TraceEntry;

struct Outcome {
  std::vector<TraceEntry> entries;
  std::string error;

  bool operator==(const Outcome&) const = default;
};

Outcome read_all(std::string text) {
  ReplayTrace trace(std::make_unique<std::istringstream>(std::move(text)), "t");
  Outcome outcome;
  while (true) {
    const auto entry = trace.next();
    if (!entry) {
      outcome.error = entry.error().message;
      require(!trace.next().has_value());
      return outcome;
    }
    if (!*entry) return outcome;
    outcome.entries.push_back(**entry);
  }
}

std::size_t line_of(const std::string& error) {
  require(error.starts_with("t:"));
  return std::stoul(error.substr(2));
}

}  // namespace

WEIR_FUZZ_TARGET(replay_trace)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::FuzzInput input(bytes, size);
  // Up to 64 KiB of comments in front.
  const std::size_t comments = std::size_t{64} * input.byte();
  const std::string text = input.rest();

  const Outcome plain = read_all(text);
  for (const TraceEntry& entry : plain.entries) {
    require(entry.time.count() >= 0 && entry.time <= ReplayTrace::time_max);
    require(entry.payload_bytes.value_or(0) <= ReplayTrace::payload_bytes_max);
  }
  require(std::ranges::is_sorted(plain.entries, {}, &TraceEntry::time));
  std::string moved_text;
  for (std::size_t i = 0; i < comments; ++i) moved_text += "# 7\n";
  moved_text += text;
  const Outcome moved = read_all(moved_text);

  require(moved.entries == plain.entries);
  require(moved.error.empty() == plain.error.empty());
  if (!plain.error.empty()) require(line_of(moved.error) == line_of(plain.error) + comments);
  return 0;
}

}  // namespace replay_trace_fuzz
