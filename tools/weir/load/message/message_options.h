// What the flags about messages say together: codec, what requests are made of, what is expected.
#pragma once

#include <optional>
#include <string>

#include "tools/weir/common/usage_error.h"
#include "tools/weir/load/message/expectation.h"
#include "tools/weir/load/message/load_codec.h"
#include "tools/weir/load/message/payload_template.h"
#include "tools/weir/load/message/size_model.h"

namespace weir::tools::load {

/// Payloads are the file, or written from the pattern, or generated: bytes that look random and
/// name connection and request, printable ones for the codec `line`.
struct MessageOptions {
  LoadCodec codec{};                         ///< --codec
  std::optional<SizeModel> size{};           ///< --size, of generated payloads; 64 bytes without it
  std::optional<PayloadTemplate> pattern{};  ///< --payload
  std::optional<std::string> file_bytes{};   ///< --payload-file, what is in it
  std::optional<ByteRange> trace_sizes{};    ///< --replay: of the requests whose size it names
  std::optional<Expectation> expectation{};  ///< --expect
};

/// Refuses what does not go together, in one sentence that names the flags.
[[nodiscard]] Checked<void> check_message_options(const MessageOptions& options);

/// The payloads that requests have: what memory in flight is reckoned with. With sizes from a trace
/// all that the codec can carry.
[[nodiscard]] ByteRange request_payload_range(const MessageOptions& options) noexcept;

/// What is expected where nothing was said: an echo; but for `raw:N` N bytes, unless all requests
/// have N bytes themselves.
[[nodiscard]] Expectation effective_expectation(const MessageOptions& options);

}  // namespace weir::tools::load
