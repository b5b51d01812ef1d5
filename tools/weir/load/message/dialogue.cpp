#include "tools/weir/load/message/dialogue.h"

#include <variant>

#include "tools/weir/load/message/framed_dialogue.h"
#include "tools/weir/load/message/one_way.h"
#include "tools/weir/load/message/raw_count.h"
#include "tools/weir/load/message/raw_echo.h"

namespace weir::tools::load {

std::unique_ptr<Dialogue> make_dialogue(const MessageOptions& options, std::uint32_t connection,
                                        std::uint64_t seed) {
  const Expectation expectation = effective_expectation(options);
  if (std::holds_alternative<ExpectNone>(expectation)) {
    return std::make_unique<OneWay>(options, connection, seed);
  }
  if (!options.codec.is_raw()) return make_framed_dialogue(options, connection, seed);
  if (std::holds_alternative<ExpectEcho>(expectation)) {
    return std::make_unique<RawEcho>(options, connection, seed);
  }
  if (const auto* const bytes = std::get_if<ExpectBytes>(&expectation)) {
    return std::make_unique<RawCount>(options, connection, seed, bytes->count);
  }
  return make_framed_dialogue(options, connection, seed);
}

}  // namespace weir::tools::load
