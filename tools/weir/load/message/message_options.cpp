#include "tools/weir/load/message/message_options.h"

#include <string_view>
#include <variant>

#include <fmt/format.h>

namespace weir::tools::load {
namespace {

std::string byte_range_text(ByteRange range) {
  if (range.is_single()) return fmt::format("{} bytes", range.min);
  return fmt::format("{} to {} bytes", range.min, range.max);
}

/// The flag that says what a request is, if one does.
std::string_view content_flag(const MessageOptions& options) {
  if (options.file_bytes) return "--payload-file";
  return options.pattern ? "--payload" : "";
}

Checked<void> check_sources(const MessageOptions& options) {
  if (options.pattern && options.file_bytes) {
    return usage_error("--payload and --payload-file both say what a request is; leave one out");
  }
  const std::string_view content = content_flag(options);
  if (!content.empty() && options.size) {
    return usage_error(fmt::format(
        "--size is for generated requests: with {} a request is as long as that makes it",
        content));
  }
  if (!options.trace_sizes) return {};
  if (!content.empty()) {
    return usage_error(fmt::format(
        "the trace says how long each request is, and {} says it too; leave one out", content));
  }
  if (options.size) {
    return usage_error("the trace says how long each request is; leave --size out");
  }
  return {};
}

Checked<void> check_fits_codec(const MessageOptions& options) {
  const std::string codec = to_text(options.codec);
  const ByteRange possible = payload_range(options.codec);
  const ByteRange actual = request_payload_range(options);
  if (actual.min < possible.min) {
    return usage_error(
        fmt::format("with --codec {} a request needs at least a byte, and {} can be empty", codec,
                    content_flag(options)));
  }
  if (actual.max > possible.max) {
    return usage_error(fmt::format("requests of {} do not fit --codec {} (at most {})",
                                   byte_range_text(actual), codec, possible.max));
  }
  if (options.codec.wire != WireCodec::line) return {};
  if (options.pattern && options.pattern->has_line_end()) {
    return usage_error(
        "--codec line ends each request with a line end, so --payload must have none");
  }
  if (options.file_bytes) {
    if (const std::size_t at = options.file_bytes->find('\n'); at != std::string::npos) {
      return usage_error(
          fmt::format("--codec line ends each request with a line end, and the file of "
                      "--payload-file has one at byte {}; take it out, or use --codec raw",
                      at));
    }
  }
  return {};
}

/// What may be expected with a codec.
struct ExpectationCheck {
  const MessageOptions& options;

  [[nodiscard]] const LoadCodec& codec() const { return options.codec; }

  Checked<void> operator()(const ExpectEcho& /*echo*/) const {
    if (!codec().answer_bytes) return {};
    const ByteRange requests = request_payload_range(options);
    const std::size_t answers = *codec().answer_bytes;
    if (requests == ByteRange{answers, answers}) return {};
    return usage_error(
        fmt::format("answers of {0} bytes (--codec raw:{0}) are no echo of requests of {1}; "
                    "use --codec raw, or --expect bytes:{0}",
                    answers, byte_range_text(requests)));
  }

  Checked<void> operator()(const ExpectBytes& expected) const {
    if (codec().is_raw() && expected.count == 0) {
      return usage_error("with --codec raw nobody sees an answer of 0 bytes; use --expect none");
    }
    if (codec().answer_bytes && *codec().answer_bytes != expected.count) {
      return usage_error(fmt::format(
          "--codec raw:{} and --expect bytes:{} name two sizes of an answer; leave one out",
          *codec().answer_bytes, expected.count));
    }
    if (const std::size_t max = payload_range(codec()).max; expected.count > max) {
      return usage_error(fmt::format("answers of {} bytes do not fit --codec {} (at most {})",
                                     expected.count, to_text(codec()), max));
    }
    return {};
  }

  Checked<void> operator()(const ExpectRegex& /*expected*/) const {
    if (!codec().is_raw()) return {};
    if (!codec().answer_bytes) {
      return usage_error(
          "--expect regex: needs to know where an answer ends, which --codec raw does not say; "
          "use raw:N with the size of an answer, or a codec with frames");
    }
    if (*codec().answer_bytes > matched_bytes_max) {
      return usage_error(fmt::format("--expect regex: takes answers of at most {} bytes, not {}",
                                     matched_bytes_max, *codec().answer_bytes));
    }
    return {};
  }

  Checked<void> operator()(const ExpectNone& /*expected*/) const {
    if (!codec().answer_bytes) return {};
    return usage_error(
        fmt::format("--codec raw:{} is about answers, and with --expect none there are none; "
                    "use --codec raw",
                    *codec().answer_bytes));
  }
};

}  // namespace

Checked<void> check_message_options(const MessageOptions& options) {
  if (auto sources = check_sources(options); !sources) return sources;
  if (auto fits = check_fits_codec(options); !fits) return fits;
  return std::visit(ExpectationCheck{options}, effective_expectation(options));
}

ByteRange request_payload_range(const MessageOptions& options) noexcept {
  if (options.file_bytes) return {options.file_bytes->size(), options.file_bytes->size()};
  if (options.pattern) return options.pattern->range();
  ByteRange range = options.size.value_or(size_default).range();
  if (options.trace_sizes) {
    // What warms up, and a line without a size, has the default.
    range.min = std::min(range.min, options.trace_sizes->min);
    range.max = std::max(range.max, options.trace_sizes->max);
  }
  return range;
}

Expectation effective_expectation(const MessageOptions& options) {
  if (options.expectation) return *options.expectation;
  if (!options.codec.answer_bytes) return ExpectEcho{};
  const std::size_t answers = *options.codec.answer_bytes;
  if (request_payload_range(options) == ByteRange{answers, answers}) return ExpectEcho{};
  return ExpectBytes{answers};
}

}  // namespace weir::tools::load
