#include "tools/weir/exec/request_splitter.h"

#include <utility>

namespace weir::tools::exec {
namespace {

constexpr std::byte line_end{'\n'};

}  // namespace

void RequestSplitter::append(Chain read) {
  if (read.empty()) return;
  bytes_ += read.size();
  if (request_end_ == RequestEnd::line && !reads_.empty()) {
    reads_.front().append(std::move(read));
  } else {
    reads_.push_back(std::move(read));
  }
  if (std::exchange(has_begun_, true)) return;
  if (*reads_.front().front().data() != line_end) return;
  request_end_ = RequestEnd::line;
  drop_front(1);
}

Result<std::optional<std::string>> RequestSplitter::next() {
  if (reads_.empty()) return std::nullopt;
  // A line end may have a CR before it, which is not part of the request either.
  const Chain& read = reads_.front();
  const std::optional<std::size_t> found = read.find(line_end, searched_bytes_);
  if (found && *found <= request_bytes_max_ + 1) {
    std::string request = take(*found, 1);
    if (request.ends_with('\r')) request.pop_back();
    if (request.size() > request_bytes_max_) return fail(Error::frame_too_large);
    return request;
  }
  const std::size_t rest_bytes_max =
      request_end_ == RequestEnd::line ? request_bytes_max_ + 1 : request_bytes_max_;
  if (found || read.size() > rest_bytes_max) return fail(Error::frame_too_large);
  if (request_end_ == RequestEnd::read) return take(read.size(), 0);
  searched_bytes_ = read.size();
  return std::nullopt;
}

std::string RequestSplitter::take(std::size_t bytes, std::size_t line_end_bytes) {
  const Chain request = reads_.front().split(bytes);
  bytes_ -= bytes;
  drop_front(line_end_bytes);
  return request.to_string();
}

void RequestSplitter::drop_front(std::size_t bytes) {
  searched_bytes_ = 0;
  bytes_ -= bytes;
  reads_.front().trim_front(bytes);
  if (reads_.front().empty()) reads_.pop_front();
}

}  // namespace weir::tools::exec
