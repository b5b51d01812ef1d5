#include "weir/protocols/line.h"

#include <string>
#include <vector>

#include "weir/protocols/utf8.h"

namespace weir::protocols {
namespace {

std::vector<std::string> delimiters_of(LineEnd line_end) {
  switch (line_end) {
    case LineEnd::lf_or_crlf:
      return {"\n", "\r\n"};
    case LineEnd::lf:
      return {"\n"};
    case LineEnd::crlf:
      return {"\r\n"};
  }
  return {};
}

}  // namespace

Result<Line> Line::create(const Options& options) {
  Result<Delimiter> delimiter = Delimiter::create({.delimiters = delimiters_of(options.line_end),
                                                   .frame_bytes_max = options.line_bytes_max,
                                                   .delimiter_bytes = options.line_end_bytes,
                                                   .stream_rest = options.stream_rest,
                                                   .bad_frame = options.bad_frame,
                                                   .too_large_report = options.too_large_report});
  if (!delimiter) return fail(delimiter.error());
  return Line(std::move(*delimiter), options.utf8_check);
}

Result<std::optional<FrameView>> Line::decode(ByteCursor& input) {
  input.advance(std::exchange(skipped_bytes_, 0));
  const ByteCursor line_begin = input;
  Result<std::optional<FrameView>> line = delimiter_.decode(input);
  if (utf8_check_ == Utf8Check::off || !line || !*line || is_utf8(**line)) return line;

  // The line stays at the front, so that the offset reported is its first byte.
  if (continues_after_error()) skipped_bytes_ = input.position() - line_begin.position();
  input = line_begin;
  return fail(Error::text_not_utf8);
}

Result<> Line::encode(Frame line, Chain& output) const {
  if (utf8_check_ == Utf8Check::on && !is_utf8(ByteCursor(line).view(0, line.size()))) {
    return fail(Error::text_not_utf8);
  }
  return delimiter_.encode(std::move(line), output);
}

Result<std::optional<Chain>> Line::finish(Chain& rest) {
  rest.trim_front(std::exchange(skipped_bytes_, 0));
  Result<std::optional<Chain>> line = delimiter_.finish(rest);
  if (utf8_check_ == Utf8Check::off || !line || !*line) return line;
  if (!is_utf8(ByteCursor(**line).view(0, (**line).size()))) return fail(Error::text_not_utf8);
  return line;
}

}  // namespace weir::protocols
