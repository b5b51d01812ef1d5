#include "tools/weir/exec/command_words.h"

#include <cstddef>
#include <span>

#include "weir/protocols/utf8.h"

namespace weir::tools::exec {
namespace {

constexpr std::string_view blanks = " \t";
/// Unquoted, a shell does something with these: operators, expansions, patterns. A brace is plain
/// to a POSIX shell, but not to bash; so is a tilde in the middle of a word.
constexpr std::string_view interpreted = "|&;<>()$`*?[{~";
/// And with this where a word begins: a comment.
constexpr char interpreted_first = '#';
/// A backslash within double quotes is one, except before these.
constexpr std::string_view escaped_in_quotes = "\"\\$`";
constexpr std::string_view never_quoted =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_=+.,:/@%^";

std::string hex_byte(unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  return {'0', 'x', digits[byte >> 4], digits[byte & 15]};
}

std::string explain_interpreted(char character) {
  return std::string("there is no shell here that would interpret ") + character +
         "; quote it to pass it on as it is";
}

/// Reads words from left to right. A word begins with its first character or quote, so that ''
/// is one, an empty one.
class WordReader {
 public:
  explicit WordReader(std::string_view text) noexcept : rest_(text) {}

  Checked<std::vector<std::string>> read() {
    while (!rest_.empty()) {
      if (!read_piece()) return usage_error(std::move(problem_));
    }
    end_word();
    return std::move(words_);
  }

 private:
  bool read_piece() {
    const char character = take();
    if (blanks.find(character) != std::string_view::npos) {
      end_word();
      return true;
    }
    const bool is_first = !word_;
    if (is_first) word_.emplace();
    if (character == '\'') return read_single_quoted();
    if (character == '"') return read_double_quoted();
    if (character == '\\') return read_escaped();
    if (interpreted.find(character) != std::string_view::npos ||
        (is_first && character == interpreted_first)) {
      return refuse(explain_interpreted(character));
    }
    word_->push_back(character);
    return true;
  }

  bool read_single_quoted() {
    const std::size_t end = rest_.find('\'');
    if (end == std::string_view::npos) return refuse("a ' is not closed");
    word_->append(rest_.substr(0, end));
    rest_.remove_prefix(end + 1);
    return true;
  }

  bool read_double_quoted() {
    while (!rest_.empty()) {
      const char character = take();
      if (character == '"') return true;
      if (character == '$' || character == '`') return refuse(explain_interpreted(character));
      const bool escapes = character == '\\' && !rest_.empty() &&
                           escaped_in_quotes.find(rest_.front()) != std::string_view::npos;
      word_->push_back(escapes ? take() : character);
    }
    return refuse("a \" is not closed");
  }

  bool read_escaped() {
    if (rest_.empty()) return refuse("nothing follows the last backslash");
    word_->push_back(take());
    return true;
  }

  char take() noexcept {
    const char first = rest_.front();
    rest_.remove_prefix(1);
    return first;
  }

  void end_word() {
    if (word_) words_.push_back(*std::move(word_));
    word_.reset();
  }

  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }

  std::string_view rest_;
  std::optional<std::string> word_;  ///< the one being read
  std::vector<std::string> words_;
  std::string problem_;
};

}  // namespace

std::optional<std::string> find_not_text(std::string_view text) {
  for (const char character : text) {
    const auto byte = static_cast<unsigned char>(character);
    if ((byte < 0x20 && byte != '\t') || byte == 0x7F) {
      return "the command holds the control character " + hex_byte(byte);
    }
  }
  protocols::Utf8Checker utf8;
  if (!utf8.add(std::as_bytes(std::span(text))) || !utf8.is_complete()) {
    return "the command is not valid UTF-8";
  }
  return std::nullopt;
}

Checked<std::vector<std::string>> split_command(std::string_view text) {
  if (auto problem = find_not_text(text)) return usage_error(*std::move(problem));
  return WordReader(text).read();
}

std::string quote_word(std::string_view word) {
  if (!word.empty() && word.find_first_not_of(never_quoted) == std::string_view::npos) {
    return std::string(word);
  }
  std::string quoted = "'";
  for (const char character : word) {
    if (character == '\'') {
      quoted += R"('\'')";
    } else {
      quoted += character;
    }
  }
  quoted += '\'';
  return quoted;
}

std::string join_command(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    text += quote_word(word);
  }
  return text;
}

}  // namespace weir::tools::exec
