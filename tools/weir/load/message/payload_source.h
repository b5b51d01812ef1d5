// What requests are made of, byte by byte: the same for who writes a request and for who checks
// its echo, so that nothing that was sent is kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "tools/weir/load/message/message_options.h"
#include "tools/weir/load/message/payload.h"
#include "tools/weir/load/message/request.h"

namespace weir::tools::load {

/// The requests of one connection.
class PayloadSource {
 public:
  /// `options` outlive it.
  PayloadSource(const MessageOptions& options, std::uint32_t connection, std::uint64_t seed);

  /// \param facts  a size within `payload_range` of the codec, and none unless payloads are
  ///               generated
  [[nodiscard]] Request request(const RequestFacts& facts) {
    // The usual request, and with it what most of a run's time outside the kernel goes into.
    if (kind_ == Kind::random_bytes && fixed_bytes_ != 0 && !facts.payload_bytes) [[likely]] {
      return {.number = facts.number, .payload_bytes = fixed_bytes_};
    }
    return unusual_request(facts);
  }

  /// Writes the payload of `request` from `offset` on over all of `out`.
  void fill(const Request& request, std::size_t offset, std::span<std::byte> out) {
    if (kind_ == Kind::random_bytes) [[likely]] {
      fill_payload({.connection = connection_, .sequence = request.number}, offset, out);
    } else {
      fill_with_text(request, offset, out);
    }
  }

  /// The index in `piece` of the first byte that is not the request's from `offset` on.
  [[nodiscard]] std::optional<std::size_t> find_mismatch(const Request& request, std::size_t offset,
                                                         std::span<const std::byte> piece) {
    if (kind_ == Kind::random_bytes) [[likely]] {
      return find_payload_mismatch({.connection = connection_, .sequence = request.number}, offset,
                                   piece);
    }
    return find_text_mismatch(request, offset, piece);
  }

  /// One byte, for messages to people.
  [[nodiscard]] std::byte byte(const Request& request, std::size_t offset);

  [[nodiscard]] std::uint32_t connection() const noexcept { return connection_; }

 private:
  enum class Kind : std::uint8_t { random_bytes, printable_bytes, pattern, file };

  [[nodiscard]] Request unusual_request(const RequestFacts& facts);
  void fill_with_text(const Request& request, std::size_t offset, std::span<std::byte> out);
  [[nodiscard]] std::optional<std::size_t> find_text_mismatch(const Request& request,
                                                              std::size_t offset,
                                                              std::span<const std::byte> piece);
  [[nodiscard]] std::size_t generated_bytes(const RequestFacts& facts) const;
  [[nodiscard]] std::span<const std::byte> text_of(const Request& request);

  const MessageOptions& options_;
  std::uint32_t connection_;
  Kind kind_;
  bool is_stamped_ = false;
  std::size_t fixed_bytes_ = 0;  ///< of generated payloads; 0: each another
  std::uint64_t seed_;
  std::int64_t unix_time_of_clock_ns_ = 0;  ///< Unix time where the clock shows 0
  // The text written last, and what for: at depth 1 it is the one whose echo is checked next.
  std::string text_{};
  std::optional<Request> text_request_{};
};

}  // namespace weir::tools::load
