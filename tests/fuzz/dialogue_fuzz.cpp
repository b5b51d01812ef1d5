// Properties of what a server may answer to `weir load`: whatever bytes come, however they are cut,
// the same number of answers is right or something is wrong; and an echo with one byte changed is
// never taken for right.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "tests/fuzz/codec_fuzz.h"
#include "tests/fuzz/fuzz_target.h"
#include "tools/weir/load/message/dialogue.h"
#include "tools/weir/load/message/template_parser.h"
#include "weir/base/bytes.h"

namespace dialogue_fuzz {
namespace {

using weir::test::FuzzInput;
using weir::test::require;
using namespace weir::tools::load;

MessageOptions options_from(FuzzInput& input) {
  constexpr std::array codecs = {"raw", "raw:8", "len16", "len32", "varint", "line", "json-header"};
  constexpr std::array expectations = {"echo", "bytes:8", "regex:^O.*K$", "none"};
  MessageOptions options{.codec = parse_load_codec(codecs[input.byte() % codecs.size()]).value()};
  switch (input.byte() % 3) {
    case 0:
      options.size = SizeModel::fixed(8);
      break;
    case 1:
      options.size = SizeModel::uniform({.min = 1, .max = 30});
      break;
    default:
      options.pattern = parse_payload_template("{seq} {hex:2}").value();
  }
  options.expectation = parse_expectation(expectations[input.byte() % expectations.size()]).value();
  return options;
}

std::string ask(Dialogue& dialogue, std::uint64_t count) {
  weir::Chain wire;
  for (std::uint64_t i = 0; i < count; ++i) (void)dialogue.append_request({.number = i}, wire);
  return wire.to_string();
}

/// Answers of all pieces; none after an error. What comes behind it must do no harm.
std::optional<std::uint64_t> take(Dialogue& dialogue, std::string_view text,
                                  std::size_t piece_bytes) {
  std::optional<std::uint64_t> answers = 0;
  while (!text.empty()) {
    const std::string_view piece = text.substr(0, piece_bytes);
    text.remove_prefix(piece.size());
    const auto taken = dialogue.take(weir::Buffer::copy_of(weir::as_bytes(piece)));
    if (!taken) {
      require(taken.error().starts_with("connection 3"));
      answers.reset();
    } else if (answers) {
      *answers += *taken;
    }
  }
  return answers;
}

void check(FuzzInput input) {
  const MessageOptions options = options_from(input);
  if (!check_message_options(options)) return;
  const std::uint64_t requests = input.byte() % 5;
  const std::size_t piece_bytes = 1 + input.byte() % 32;
  const bool is_echo_edited = input.flag();
  const std::size_t edited_at = input.byte();
  const std::uint8_t edit = input.byte();
  std::string answers = input.rest();

  const std::unique_ptr<Dialogue> dialogue = make_dialogue(options, 3, 1);
  const std::string wire = ask(*dialogue, requests);
  if (is_echo_edited && !wire.empty()) {
    answers = wire;
    char& byte = answers[edited_at % answers.size()];
    byte = static_cast<char>(byte ^ static_cast<char>(edit));
  }
  const auto expected = take(*dialogue, answers, answers.size() + 1);
  for (const std::size_t piece : {std::size_t{1}, piece_bytes}) {
    dialogue->restart();
    require(ask(*dialogue, requests) == wire);
    require(take(*dialogue, answers, piece) == expected);
  }
  require(!expected || *expected <= requests);
  // A JSON header can be written in many ways.
  const bool is_exact = std::holds_alternative<ExpectEcho>(*options.expectation) &&
                        options.codec.wire != weir::tools::WireCodec::json_header;
  if (is_exact && expected == requests) require(answers == wire);
  if (is_exact && answers == wire) require(expected == requests);
}

}  // namespace

WEIR_FUZZ_TARGET(dialogue)(const std::uint8_t* bytes, std::size_t size) {
  weir::test::without_and_with_pool([&] { check(FuzzInput(bytes, size)); });
  return 0;
}

}  // namespace dialogue_fuzz
