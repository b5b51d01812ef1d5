// Cuts a zone file into entries of tokens (RFC 1035 section 5.1).
//
//     www  3600 IN A 192.0.2.1   ; a comment          one entry
//     @ SOA ns host (                                 one more, whose
//           1 2h 10m 1w 1h )                          lines the parentheses join
//          TXT "two words" one                        begins with a blank: the owner is the last
//          one
//
// Tokens are borrowed from the text, escapes and all. Nothing is interpreted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dns_responder {

/// Where in a file; both count from 1.
struct Place {
  unsigned line = 1;
  unsigned column = 1;
};

struct Token {
  std::string_view text{};  ///< without the quotes
  bool is_quoted = false;
  Place place{};
};

struct Entry {
  std::vector<Token> tokens;
  bool begins_blank = false;
};

class ZoneLexer {
 public:
  static constexpr std::size_t tokens_max = 4096;  ///< of an entry

  enum class Step : unsigned char { entry, end, error };

  explicit ZoneLexer(std::string_view text) noexcept : text_(text) {}

  /// The next entry that has tokens. After an error: `what` and `place`.
  [[nodiscard]] Step next(Entry& entry);

  [[nodiscard]] const std::string& what() const noexcept { return what_; }
  [[nodiscard]] const std::string& remedy() const noexcept { return remedy_; }
  /// Of the error; else where the lexer stands.
  [[nodiscard]] Place place() const noexcept { return place_; }

 private:
  [[nodiscard]] bool is_at_end() const noexcept { return at_ == text_.size(); }
  [[nodiscard]] bool take_line(Entry& entry);
  [[nodiscard]] bool take_token(Entry& entry);
  [[nodiscard]] bool take_parenthesis();
  void skip_comment() noexcept;
  void step() noexcept;
  [[nodiscard]] bool fail(Place place, std::string what, std::string remedy);

  std::string_view text_;
  std::size_t at_ = 0;
  Place place_;
  unsigned depth_ = 0;  // of parentheses
  Place opened_;        // the outermost that is open
  std::string what_;
  std::string remedy_;
};

}  // namespace dns_responder
