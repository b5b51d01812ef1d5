// What one connection says and which answers are right: all that the engine of the load has to
// know about messages.
//
//     engine   append_request(facts, out)  -->  out      the next request, as bytes
//              take(bytes)                 <--  bytes    how many answers ended in them
//
// Answers belong to requests by their order: the n-th answer to the n-th request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "tools/weir/load/message/message_options.h"
#include "tools/weir/load/message/request.h"
#include "weir/base/chain.h"

namespace weir::tools::load {

/// One connection's, on one shard.
class Dialogue {
 public:
  Dialogue() = default;
  Dialogue(const Dialogue&) = delete;
  Dialogue& operator=(const Dialogue&) = delete;
  virtual ~Dialogue() = default;

  /// Appends the next request to `out`, in memory of the shard's pool where it has some, else of
  /// the heap. \returns its bytes
  virtual std::size_t append_request(const RequestFacts& request, Chain& out) = 0;

  /// For a pattern of two writes: where the request just appended is to be cut, above 0 and below
  /// its size. Behind the header of a frame, else in the middle. 0: it is a single byte.
  [[nodiscard]] virtual std::size_t cut_of_request() const noexcept = 0;

  /// Takes bytes as they came, cut anywhere.
  /// \returns  how many answers ended in them, all of them right; or what was wrong with the first
  ///           that was not, as one sentence for people. After that it takes nothing before
  ///           `restart`: what follows cannot be told from garbage.
  [[nodiscard]] virtual std::expected<std::uint64_t, std::string> take(const Chain& bytes) = 0;

  /// False: the load goes one way.
  [[nodiscard]] virtual bool expects_answers() const noexcept = 0;

  /// A new connection begins: requests without an answer, and answers begun, are forgotten.
  virtual void restart() = 0;
};

/// \param options  passed `check_message_options`; outlive the dialogue
/// \param seed     of the run: sizes and what templates draw depend on it
[[nodiscard]] std::unique_ptr<Dialogue> make_dialogue(const MessageOptions& options,
                                                      std::uint32_t connection, std::uint64_t seed);

}  // namespace weir::tools::load
