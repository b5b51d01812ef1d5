// Records as zone files write them: names, times and the data of each type, to wire form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns_message.h"
#include "name.h"
#include "zone_lexer.h"

namespace dns_responder {

/// What is wrong with a token.
struct TokenProblem {
  Place place{};
  std::string what{};
  std::string remedy{};
};

/// A, NS, ...; `nullopt` for what zones here cannot hold.
[[nodiscard]] std::optional<RecordType> parse_record_type(std::string_view text) noexcept;

/// Seconds, 3600 or 1h or 1d12h, up to 2^31 - 1 (RFC 2181 section 8).
[[nodiscard]] std::optional<std::uint32_t> parse_time_s(std::string_view text) noexcept;

/// A name: `@` is the origin, and what does not end in a dot is below it.
///
/// \param origin  null if there is none: then only whole names are good
[[nodiscard]] std::optional<Name> parse_name(const Token& token, const Name* origin,
                                             TokenProblem& problem);

/// Reads the data of a record from the tokens behind its type.
class ContentParser {
 public:
  /// `end` is where a missing field would stand.
  ContentParser(std::span<const Token> fields, const Name* origin, Place end) noexcept
      : fields_(fields), origin_(origin), end_(end) {}

  /// \returns false, with `problem`, if they are not what `type` wants
  [[nodiscard]] bool parse(RecordType type);

  [[nodiscard]] std::vector<std::byte>& content() noexcept { return content_; }
  [[nodiscard]] const TokenProblem& problem() const noexcept { return problem_; }

 private:
  [[nodiscard]] bool parse_fields(RecordType type);
  [[nodiscard]] const Token* take(std::string_view what);
  [[nodiscard]] bool put_name();
  [[nodiscard]] bool put_address(int family, std::size_t bytes);
  [[nodiscard]] bool put_number(std::string_view what, std::size_t bytes);
  [[nodiscard]] bool put_time(std::string_view what);
  [[nodiscard]] bool put_text();
  [[nodiscard]] bool put_texts();
  [[nodiscard]] bool put_soa();
  [[nodiscard]] bool put_caa();
  void put_integer(std::uint64_t value, std::size_t bytes);
  [[nodiscard]] bool fail(const Token& token, std::string what, std::string remedy);

  std::span<const Token> fields_;
  const Name* origin_;
  Place end_;
  std::vector<std::byte> content_;
  TokenProblem problem_;
};

}  // namespace dns_responder
