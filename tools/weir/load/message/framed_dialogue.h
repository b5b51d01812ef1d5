// The dialogue in frames: whole answers are cut out of the stream and compared. Also the one with
// answers of `raw:N` that a pattern is to be found in.
#pragma once

#include <cstdint>
#include <memory>

#include "tools/weir/load/message/dialogue.h"

namespace weir::tools::load {

/// \param options  with a codec that says where an answer ends; outlive the dialogue
[[nodiscard]] std::unique_ptr<Dialogue> make_framed_dialogue(const MessageOptions& options,
                                                             std::uint32_t connection,
                                                             std::uint64_t seed);

}  // namespace weir::tools::load
