#include "tools/weir/load/report/option_words.h"

#include <array>

namespace weir::tools::load {
namespace {

template <typename Choice>
struct Word {
  std::string_view word;
  Choice choice;
};

constexpr std::array paces = {Word<Pace>{"sleep", Pace::sleep}, Word<Pace>{"hybrid", Pace::hybrid},
                              Word<Pace>{"spin", Pace::spin}};

constexpr std::array behinds = {Word<WhenBehind>{"queue", WhenBehind::queue},
                                Word<WhenBehind>{"drop", WhenBehind::drop}};

constexpr std::array patterns = {Word<WritePattern>{"wr", WritePattern::whole},
                                 Word<WritePattern>{"w", WritePattern::whole},
                                 Word<WritePattern>{"wwr", WritePattern::two_then_read},
                                 Word<WritePattern>{"ww", WritePattern::two}};

template <typename Words>
auto find_choice(const Words& words, std::string_view word) noexcept
    -> std::optional<decltype(words.front().choice)> {
  for (const auto& known : words) {
    if (known.word == word) return known.choice;
  }
  return std::nullopt;
}

template <typename Words, typename Choice>
std::string_view find_word(const Words& words, Choice choice) noexcept {
  for (const auto& known : words) {
    if (known.choice == choice) return known.word;
  }
  return {};
}

}  // namespace

std::string_view to_text(Pace pace) noexcept { return find_word(paces, pace); }
std::optional<Pace> find_pace(std::string_view word) noexcept { return find_choice(paces, word); }

std::string_view to_text(WhenBehind behind) noexcept { return find_word(behinds, behind); }
std::optional<WhenBehind> find_when_behind(std::string_view word) noexcept {
  return find_choice(behinds, word);
}

std::string_view pattern_word(WritePattern pattern, Answers answers) noexcept {
  if (pattern == WritePattern::whole && answers == Answers::none) return "w";
  return find_word(patterns, pattern);
}
std::optional<WritePattern> find_pattern(std::string_view word) noexcept {
  return find_choice(patterns, word);
}

}  // namespace weir::tools::load
