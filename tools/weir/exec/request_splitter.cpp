#include "tools/weir/exec/request_splitter.h"

namespace weir::tools::exec {
namespace {

constexpr std::byte line_end{'\n'};

}  // namespace

Result<std::optional<std::string>> RequestSplitter::next(Chain& inbox) {
  if (inbox.empty()) return std::nullopt;
  if (!has_begun_) {
    has_begun_ = true;
    if (*inbox.front().data() == line_end) {
      request_end_ = RequestEnd::line;
      inbox.trim_front(1);
      if (inbox.empty()) return std::nullopt;
    }
  }
  // A line end may have a CR before it, which is not part of the request either.
  const std::optional<std::size_t> found = inbox.find(line_end, searched_bytes_);
  if (found && *found <= request_bytes_max_ + 1) {
    std::optional<std::string> request = take(inbox, *found, 1);
    if (request->ends_with('\r')) request->pop_back();
    if (request->size() > request_bytes_max_) return fail(Error::frame_too_large);
    return request;
  }
  const std::size_t rest_bytes_max =
      request_end_ == RequestEnd::line ? request_bytes_max_ + 1 : request_bytes_max_;
  if (found || inbox.size() > rest_bytes_max) return fail(Error::frame_too_large);
  if (request_end_ == RequestEnd::read) return take(inbox, inbox.size(), 0);
  searched_bytes_ = inbox.size();
  return std::nullopt;
}

std::optional<std::string> RequestSplitter::take(Chain& inbox, std::size_t bytes,
                                                 std::size_t line_end_bytes) {
  searched_bytes_ = 0;
  const Chain request = inbox.split(bytes);
  inbox.trim_front(line_end_bytes);
  return request.to_string();
}

}  // namespace weir::tools::exec
