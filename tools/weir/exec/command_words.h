// A command as text, cut into words without a shell.
//
// What is accepted means the same as in sh(1); whatever a shell would do more with is refused, so
// that nobody relies on a pipe, a pattern or a variable that is not there:
//
//     ls -l /tmp           words are cut at blanks
//     echo 'a  b' "c  d"   quotes keep them together; \" \\ \$ \` are known within "..."
//     echo a\ b            a backslash takes the next character as it is
//     ls | wc, ls *.txt    refused: quote the character to pass it on as it is
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/weir/common/usage_error.h"

namespace weir::tools::exec {

/// What keeps `text` from being text, in words: a control character (no argument may hold a zero
/// byte, and no log should hold the others), or bytes that are not UTF-8. `nullopt`: nothing.
[[nodiscard]] std::optional<std::string> find_not_text(std::string_view text);

/// The words of `text`; none if it holds only blanks. An error, in words, for what a shell would
/// interpret, an open quote, and what `find_not_text` finds.
[[nodiscard]] Checked<std::vector<std::string>> split_command(std::string_view text);

/// `word` written so that `split_command`, and any sh, reads it as that one word.
[[nodiscard]] std::string quote_word(std::string_view word);

/// Quoted where necessary, with a blank between them.
[[nodiscard]] std::string join_command(const std::vector<std::string>& words);

}  // namespace weir::tools::exec
