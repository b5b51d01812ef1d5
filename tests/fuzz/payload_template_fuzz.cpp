// Properties of the patterns of `weir load --payload`: any text is refused in a sentence, or makes
// texts that are the same each time and as long as they were said to be.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/load/message/template_parser.h"

namespace payload_template_fuzz {
namespace {

using weir::test::require;
using namespace weir::tools;
using namespace weir::tools::load;

Checked<std::string> read_fake(std::string_view path) {
  if (path == "a") return "one\ntwo\r\n\nthree";
  return usage_error("no such file");
}

void check(const PayloadTemplate& pattern, const TemplateFacts& facts) {
  // What is longer only takes longer.
  if (pattern.range().max > (std::size_t{64} << 10)) return;
  std::string text;
  std::string again = "other";
  pattern.write(facts, text);
  pattern.write(facts, again);
  require(text == again);
  require(text.size() >= pattern.range().min && text.size() <= pattern.range().max);
  require(pattern.has_line_end() == (text.find('\n') != std::string::npos));
}

}  // namespace

WEIR_FUZZ_TARGET(payload_template)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::FuzzInput input(bytes, size);
  const TemplateFacts facts{.seed = input.byte(),
                            .connection = input.byte(),
                            .request = input.byte(),
                            .unix_time_ns = std::int64_t{input.byte()} << 55};
  const std::string text = input.rest();

  const auto pattern = parse_payload_template(text, read_fake);

  if (!pattern) {
    require(!pattern.error().message.empty());
    return 0;
  }
  check(*pattern, facts);
  if (text.find_first_of("{}") != std::string::npos) return 0;
  std::string written;
  pattern->write(facts, written);
  require(written == text);
  return 0;
}

}  // namespace payload_template_fuzz
