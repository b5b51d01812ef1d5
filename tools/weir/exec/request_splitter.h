// Cuts what a client sends into requests, one command each. No I/O.
//
// The tutorial's client sends a command without any frame and awaits the answer; TCP does not keep
// such commands apart. So where a request ends is a choice:
//
//     RequestEnd::read   at a line end, or where a read ended: what one read brought and no line
//                        end closes is a request, whenever it is looked at. Serves the tutorial's
//                        client, which never has two commands under way. Two that arrive together
//                        without a line end between them are one request, and one that arrives in
//                        two pieces is two.
//     RequestEnd::line   at a line end (LF or CRLF) and nowhere else: however the bytes arrive.
//
// A connection whose very first byte is a line end has its requests read as lines either way: that
// is how `weir exec` asks for it. (A shell takes that byte for a blank line, so the tutorial's
// server understands it as well.)
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "weir/base/chain.h"
#include "weir/base/function_ref.h"
#include "weir/base/result.h"

namespace weir::tools::exec {

enum class RequestEnd : std::uint8_t { read, line };

/// Belongs to one connection.
class RequestSplitter {
 public:
  /// \param request_bytes_max  longest request, its line end not counted
  RequestSplitter(RequestEnd request_end, std::size_t request_bytes_max)
      : request_end_(request_end), request_bytes_max_(request_bytes_max) {}

  /// Takes what one read of the stream has brought.
  void append(Chain read);

  /// The next request without its line end. `nullopt`: read more. Error::frame_too_large: close the
  /// connection, because where the next request begins is not known.
  [[nodiscard]] Result<std::optional<std::string>> next();

  /// What has been read and is in no request yet. The reads: as far as they are kept apart.
  [[nodiscard]] bool empty() const noexcept { return reads_.empty(); }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] std::size_t reads() const noexcept { return reads_.size(); }
  void for_each_chain(FunctionRef<void(Chain&)> visit) {
    for (Chain& read : reads_) visit(read);
  }

 private:
  [[nodiscard]] std::string take(std::size_t bytes, std::size_t line_end_bytes);
  void drop_front(std::size_t bytes);

  RequestEnd request_end_;
  std::size_t request_bytes_max_;
  std::deque<Chain> reads_;         ///< none is empty; by lines all are one
  std::size_t bytes_ = 0;           ///< of all of them
  std::size_t searched_bytes_ = 0;  ///< of the first, without a line end
  bool has_begun_ = false;
};

}  // namespace weir::tools::exec
