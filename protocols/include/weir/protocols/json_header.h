// JsonHeader: a JSON object that says how many bytes follow it. The tutorial's remote commands
// answer in this format.
//
//     0                 4                    4 + n                       4 + n + data_size
//     +-----------------+--------------------+---------------------------+---
//     | n (s32 LE)      | {"data_size": 12}  | payload: data_size bytes  | next frame
//     +-----------------+--------------------+---------------------------+---
//
// Other members may stand beside "data_size" and mean what the application wants. Everything the
// formats leave open is refused: a size that is not a whole number, a key twice in one object,
// nesting without end, anything behind the object. Python's struct.pack('i') writes the machine's
// own byte order: a length that only makes sense in the other one is over any sane limit.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>

#include "weir/base/chain.h"
#include "weir/base/result.h"
#include "weir/protocols/codec.h"

namespace weir::protocols {

struct JsonHeaderOptions {
  std::size_t header_bytes_max;   ///< largest JSON text accepted, at most 2^31 - 1
  std::size_t payload_bytes_max;  ///< largest payload accepted
  std::size_t nesting_max = 8;    ///< objects and arrays within each other, the outer one included
};

struct JsonFrame {
  JsonFrame() = default;
  JsonFrame(std::string its_header, Chain its_payload) noexcept
      : header(std::move(its_header)), payload(std::move(its_payload)) {}

  std::string header;  ///< the JSON text as it was, or is to be, on the wire
  Chain payload;
};

class JsonHeader {
 public:
  using Options = JsonHeaderOptions;
  using Frame = JsonFrame;

  explicit JsonHeader(const Options& options) noexcept;

  /// The next frame. Errors, each final: header_size_invalid, header_malformed,
  /// header_key_duplicate, payload_size_invalid, frame_too_large.
  [[nodiscard]] Result<std::optional<Frame>> decode(Chain& input);

  /// Appends one frame. An empty `header` stands for `{"data_size": N}` and nothing else; any other
  /// must pass `decode` and have the size of the payload, else Error::payload_size_invalid.
  [[nodiscard]] Result<> encode(Frame frame, Chain& output) const;

  [[nodiscard]] std::size_t missing_bytes(const Chain& rest) const noexcept;

 private:
  // A header that was read and whose payload is awaited.
  struct Awaited {
    std::string header;
    std::size_t payload_bytes;
  };

  [[nodiscard]] Result<std::optional<Awaited>> read_header(const Chain& input) const;

  Options options_;
  std::optional<Awaited> awaited_;
};

static_assert(Codec<JsonHeader>);

}  // namespace weir::protocols
