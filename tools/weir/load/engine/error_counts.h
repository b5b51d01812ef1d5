// What went wrong during a run: how often each kind, and the first example of it in words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

namespace weir::tools::load {

enum class ErrorKind : std::uint8_t {
  connect,      ///< a connection could not be made
  reset,        ///< reading or writing failed
  closed,       ///< the server ended a connection that had unanswered requests
  mismatch,     ///< an answer was not its request
  timeout,      ///< a request was not answered in time
  unreachable,  ///< the network said that a datagram cannot reach its peer (ICMP)
  trace,        ///< the trace to replay could not be read
};

inline constexpr std::array error_kinds = {
    ErrorKind::connect, ErrorKind::reset,       ErrorKind::closed, ErrorKind::mismatch,
    ErrorKind::timeout, ErrorKind::unreachable, ErrorKind::trace};

/// `connect`, `reset`, ...: also the key in JSON.
[[nodiscard]] std::string_view to_text(ErrorKind kind) noexcept;

class ErrorCounts {
 public:
  /// Counts `n` of a kind. `example` says what happened, `cause` is the error behind it, if any;
  /// the first ones of a kind are kept.
  void add(ErrorKind kind, std::string_view example, std::uint64_t n = 1,
           std::error_code cause = {});
  void merge(const ErrorCounts& other);

  [[nodiscard]] std::uint64_t count(ErrorKind kind) const noexcept { return at(kind).count; }
  [[nodiscard]] const std::string& example(ErrorKind kind) const noexcept {
    return at(kind).example;
  }
  [[nodiscard]] std::error_code cause(ErrorKind kind) const noexcept { return at(kind).cause; }
  [[nodiscard]] std::uint64_t total() const noexcept;
  /// Of the first kind that there is; empty if there was no error.
  [[nodiscard]] std::string_view first_example() const noexcept;

 private:
  struct Entry {
    std::uint64_t count = 0;
    std::string example;
    std::error_code cause;
  };

  [[nodiscard]] const Entry& at(ErrorKind kind) const noexcept {
    return entries_[static_cast<std::size_t>(kind)];
  }

  std::array<Entry, error_kinds.size()> entries_;
};

}  // namespace weir::tools::load
