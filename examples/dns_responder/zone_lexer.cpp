#include "zone_lexer.h"

#include <utility>

namespace dns_responder {
namespace {

constexpr bool is_blank(char letter) noexcept {
  return letter == ' ' || letter == '\t' || letter == '\r';
}

constexpr bool ends_token(char letter) noexcept {
  return is_blank(letter) || letter == '\n' || letter == ';' || letter == '(' || letter == ')' ||
         letter == '"';
}

}  // namespace

ZoneLexer::Step ZoneLexer::next(Entry& entry) {
  do {
    entry.tokens.clear();
    if (is_at_end()) return Step::end;
    entry.begins_blank = is_blank(text_[at_]);
    if (!take_line(entry)) return Step::error;
  } while (entry.tokens.empty());
  return Step::entry;
}

/// To the end of the line, or of the one on which the last parenthesis closes.
bool ZoneLexer::take_line(Entry& entry) {
  while (!is_at_end()) {
    const char letter = text_[at_];
    if (letter == '\n') {
      step();
      if (depth_ == 0) return true;
    } else if (is_blank(letter)) {
      step();
    } else if (letter == ';') {
      skip_comment();
    } else if (letter == '(' || letter == ')') {
      if (!take_parenthesis()) return false;
    } else if (entry.tokens.size() == tokens_max) {
      return fail(place_, "a record of more than " + std::to_string(tokens_max) + " words",
                  "is a parenthesis open?");
    } else if (!take_token(entry)) {
      return false;
    }
  }
  return depth_ == 0 || fail(opened_, "a parenthesis that is never closed", "add a )");
}

bool ZoneLexer::take_token(Entry& entry) {
  Token token{.is_quoted = text_[at_] == '"', .place = place_};
  if (token.is_quoted) step();
  const std::size_t start = at_;
  for (;; step()) {
    if (is_at_end()) {
      if (token.is_quoted) return fail(token.place, "a quote that is never closed", "add a \"");
      break;
    }
    if (token.is_quoted ? text_[at_] == '"' : ends_token(text_[at_])) break;
    if (token.is_quoted && text_[at_] == '\n') {
      return fail(token.place, "a quote that is not closed on its line", "add a \"");
    }
    // What is behind a backslash ends nothing; but a line ends.
    if (text_[at_] == '\\' && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') step();
  }
  token.text = text_.substr(start, at_ - start);
  if (token.is_quoted) step();
  entry.tokens.push_back(token);
  return true;
}

bool ZoneLexer::take_parenthesis() {
  if (text_[at_] == '(') {
    if (depth_++ == 0) opened_ = place_;
  } else if (depth_ == 0) {
    return fail(place_, "a ) without a (", "remove it");
  } else {
    --depth_;
  }
  step();
  return true;
}

void ZoneLexer::skip_comment() noexcept {
  while (!is_at_end() && text_[at_] != '\n') step();
}

void ZoneLexer::step() noexcept {
  if (text_[at_++] == '\n') {
    ++place_.line;
    place_.column = 1;
  } else {
    ++place_.column;
  }
}

bool ZoneLexer::fail(Place place, std::string what, std::string remedy) {
  place_ = place;
  what_ = std::move(what);
  remedy_ = std::move(remedy);
  return false;
}

}  // namespace dns_responder
