// Requests from a pattern: `--payload 'get key{int:1-1000}'`, cut into parts once and written for
// each request. template_parser.h reads the pattern.
//
//     {seq}       number of the request              {conn}      number of the connection
//     {rand:16}   16 letters and digits              {hex:8}     8 hexadecimal digits
//     {int:1-9}   a number from 1 to 9               {ts_ns}     when the request was due: Unix
//     time {pick:FILE} a line of the file                 {{  }}      a brace
//
// What is drawn is a function of (seed, connection, request): an echo is checked without what was
// sent. Only {ts_ns} has to be remembered.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {

/// What a template is filled with.
struct TemplateFacts {
  std::uint64_t seed = 0;
  std::uint32_t connection = 0;
  std::uint64_t request = 0;
  std::int64_t unix_time_ns = 0;
};

class PayloadTemplate {
 public:
  // The parts. Everything that is not drawn stands in a `std::string`.
  struct RequestNumber {};
  struct ConnectionNumber {};
  struct DueTime {};
  struct RandomText {
    std::size_t count;
  };
  struct HexDigits {
    std::size_t count;
  };
  struct Integer {
    std::uint64_t min, max;
  };
  struct PickedLine {
    std::vector<std::string> lines;
  };
  using Part = std::variant<std::string, RequestNumber, ConnectionNumber, DueTime, RandomText,
                            HexDigits, Integer, PickedLine>;

  /// \param parts  as many as `parse_payload_template` lets through
  explicit PayloadTemplate(std::vector<Part> parts) : parts_(std::move(parts)) {}

  /// Makes `text` the text for `facts`; its memory is used again.
  void write(const TemplateFacts& facts, std::string& text) const;

  /// How long texts are.
  [[nodiscard]] ByteRange range() const noexcept;
  /// Whether `unix_time_ns` matters.
  [[nodiscard]] bool has_time() const noexcept;
  /// Whether a text may hold a line end, which the codec `line` cannot carry.
  [[nodiscard]] bool has_line_end() const noexcept;

 private:
  std::vector<Part> parts_;
};

}  // namespace weir::tools::load
