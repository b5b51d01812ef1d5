#include "tools/weir/load/engine/error_counts.h"

namespace weir::tools::load {

std::string_view to_text(ErrorKind kind) noexcept {
  switch (kind) {
    case ErrorKind::connect:
      return "connect";
    case ErrorKind::reset:
      return "reset";
    case ErrorKind::closed:
      return "closed";
    case ErrorKind::mismatch:
      return "mismatch";
    case ErrorKind::timeout:
      return "timeout";
    case ErrorKind::unreachable:
      return "unreachable";
    case ErrorKind::trace:
      return "trace";
  }
  return {};
}

void ErrorCounts::add(ErrorKind kind, std::string_view example, std::uint64_t n,
                      std::error_code cause) {
  if (n == 0) return;
  Entry& entry = entries_[static_cast<std::size_t>(kind)];
  if (entry.count == 0) {
    entry.example = example;
    entry.cause = cause;
  }
  entry.count += n;
}

void ErrorCounts::merge(const ErrorCounts& other) {
  for (const ErrorKind kind : error_kinds) {
    add(kind, other.example(kind), other.count(kind), other.cause(kind));
  }
}

std::uint64_t ErrorCounts::total() const noexcept {
  std::uint64_t total = 0;
  for (const Entry& entry : entries_) total += entry.count;
  return total;
}

std::string_view ErrorCounts::first_example() const noexcept {
  for (const Entry& entry : entries_) {
    if (entry.count > 0) return entry.example;
  }
  return {};
}

}  // namespace weir::tools::load
