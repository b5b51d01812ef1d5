#include "zone_file.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <span>
#include <system_error>
#include <utility>
#include <vector>

#include "name.h"
#include "record_text.h"

namespace dns_responder {
namespace {

bool equals_word(std::string_view text, std::string_view word) noexcept {
  return equal_ignoring_case(std::as_bytes(std::span(text)), std::as_bytes(std::span(word)));
}

bool begins_with_digit(std::string_view text) noexcept {
  return !text.empty() && text[0] >= '0' && text[0] <= '9';
}

class ZoneFileParser {
 public:
  /// \returns false, with `problem`, if the entry is not good
  [[nodiscard]] bool take(const Entry& entry, Place end) {
    const Token& first = entry.tokens.front();
    const bool is_directive = !entry.begins_blank && first.text.starts_with('$');
    return is_directive ? take_directive(entry) : take_record(entry, end);
  }

  [[nodiscard]] std::unique_ptr<const Zone> finish(Place end) {
    if (!builder_) {
      problem_ = {.place = end, .what = "no records", .remedy = "begin with a SOA"};
      return nullptr;
    }
    ZoneProblem reason;
    auto zone = std::move(*builder_).finish(reason);
    if (!zone) fail({.place = end}, std::move(reason.what), std::move(reason.remedy));
    return zone;
  }

  [[nodiscard]] const TokenProblem& problem() const noexcept { return problem_; }

 private:
  /// A record before its data.
  struct Head {
    Name owner;
    std::optional<std::uint32_t> ttl_s;
    RecordType type{};
    std::size_t tokens = 0;  ///< that it has taken
  };

  [[nodiscard]] const Name* origin() const noexcept { return origin_ ? &*origin_ : nullptr; }

  [[nodiscard]] bool take_directive(const Entry& entry) {
    const Token& word = entry.tokens.front();
    const bool is_ttl = equals_word(word.text, "$TTL");
    if (!is_ttl && !equals_word(word.text, "$ORIGIN")) {
      return fail(word, "\"" + std::string(word.text) + "\" is not supported",
                  "use $ORIGIN and $TTL only, and write out the rest");
    }
    if (entry.tokens.size() != 2) {
      return fail(word, std::string(word.text) + " wants one value",
                  is_ttl ? "such as $TTL 1h" : "such as $ORIGIN example.");
    }
    const Token& value = entry.tokens[1];
    if (is_ttl) {
      default_ttl_s_ = parse_time_s(value.text);
      if (!default_ttl_s_) return fail_ttl(value);
      return true;
    }
    const std::optional<Name> name = parse_name(value, origin(), problem_);
    if (name) origin_ = *name;
    return name.has_value();
  }

  [[nodiscard]] bool take_record(const Entry& entry, Place end) {
    Head head;
    if (!take_owner(entry, head) || !take_type(entry, end, head)) return false;
    const Token& first = entry.tokens.front();
    ContentParser parser(std::span(entry.tokens).subspan(head.tokens), origin(), end);
    if (!parser.parse(head.type)) {
      problem_ = parser.problem();
      return false;
    }
    const std::optional<std::uint32_t> ttl_s =
        head.ttl_s ? head.ttl_s : (default_ttl_s_ ? default_ttl_s_ : last_ttl_s_);
    if (!ttl_s) return fail(first, "no TTL", "put $TTL 1h before the first record");
    last_ttl_s_ = ttl_s;
    if (!builder_) {
      if (head.type != RecordType::soa) {
        return fail(first, "the first record is not a SOA",
                    "begin with it: it says what the zone is");
      }
      builder_.emplace(head.owner);
    }
    ZoneProblem reason;
    if (!builder_->add(head.owner, head.type, *ttl_s, std::move(parser.content()), reason)) {
      return fail(first, std::move(reason.what), std::move(reason.remedy));
    }
    return true;
  }

  [[nodiscard]] bool take_owner(const Entry& entry, Head& head) {
    const Token& first = entry.tokens.front();
    if (entry.begins_blank) {
      if (!last_owner_) {
        return fail(first, "the first record has no owner",
                    "write its name, or @, at the line's start");
      }
      head.owner = *last_owner_;
      return true;
    }
    const std::optional<Name> owner = parse_name(first, origin(), problem_);
    if (!owner) return false;
    head.owner = *owner;
    last_owner_ = *owner;
    head.tokens = 1;
    return true;
  }

  /// Time and class, in any order, and the type.
  [[nodiscard]] bool take_type(const Entry& entry, Place end, Head& head) {
    bool has_class = false;
    for (; head.tokens < entry.tokens.size(); ++head.tokens) {
      const Token& token = entry.tokens[head.tokens];
      if (!has_class && equals_word(token.text, "IN")) {
        has_class = true;
      } else if (!head.ttl_s && begins_with_digit(token.text)) {
        head.ttl_s = parse_time_s(token.text);
        if (!head.ttl_s) return fail_ttl(token);
      } else if (const std::optional<RecordType> type = parse_record_type(token.text)) {
        head.type = *type;
        ++head.tokens;
        return true;
      } else {
        return fail(token, "\"" + std::string(token.text) + "\" is not a type of record",
                    "use SOA, NS, A, AAAA, MX, TXT, CNAME, PTR, SRV or CAA, of class IN");
      }
    }
    return fail({.place = end}, "a record without a type", "write the type before the data");
  }

  [[nodiscard]] bool fail_ttl(const Token& token) {
    return fail(token, "\"" + std::string(token.text) + "\" is not a TTL",
                "write seconds up to 2147483647, or 1h, 1d12h and the like");
  }
  bool fail(const Token& token, std::string what, std::string remedy) {
    problem_ = {.place = token.place, .what = std::move(what), .remedy = std::move(remedy)};
    return false;
  }

  std::optional<Name> origin_;
  std::optional<std::uint32_t> default_ttl_s_;
  std::optional<std::uint32_t> last_ttl_s_;
  std::optional<Name> last_owner_;
  std::optional<ZoneBuilder> builder_;
  TokenProblem problem_;
};

struct FileCloser {
  void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

std::string ZoneFileError::to_string() const {
  std::string text = file;
  if (place.line != 0) {
    text += ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
  }
  return text + ": " + what + "; " + remedy;
}

ZoneFileResult parse_zone_file(std::string_view text, const std::string& file) {
  ZoneLexer lexer(text);
  ZoneFileParser parser;
  Entry entry;
  const auto refuse = [&file](const TokenProblem& problem) {
    return std::unexpected(ZoneFileError{
        .file = file, .place = problem.place, .what = problem.what, .remedy = problem.remedy});
  };
  for (;;) {
    switch (lexer.next(entry)) {
      case ZoneLexer::Step::error:
        return refuse({.place = lexer.place(), .what = lexer.what(), .remedy = lexer.remedy()});
      case ZoneLexer::Step::end: {
        auto zone = parser.finish(lexer.place());
        if (!zone) return refuse(parser.problem());
        return zone;
      }
      case ZoneLexer::Step::entry: {
        // Behind the last word.
        const Token& last = entry.tokens.back();
        Place end = last.place;
        end.column += static_cast<unsigned>(last.text.size()) + (last.is_quoted ? 2 : 0);
        if (!parser.take(entry, end)) return refuse(parser.problem());
        break;
      }
    }
  }
}

ZoneFileResult load_zone_file(const std::string& file) {
  const auto refuse = [&file](std::string what, std::string remedy) {
    return std::unexpected(ZoneFileError{.file = file,
                                         .place = {.line = 0, .column = 0},
                                         .what = std::move(what),
                                         .remedy = std::move(remedy)});
  };
  const std::unique_ptr<std::FILE, FileCloser> open(std::fopen(file.c_str(), "rb"));
  if (!open) {
    return refuse(std::system_category().message(errno), "name a zone file that can be read");
  }
  std::string text;
  std::vector<char> block(std::size_t{64} << 10);
  while (const std::size_t bytes = std::fread(block.data(), 1, block.size(), open.get())) {
    text.append(block.data(), bytes);
    if (text.size() > zone_file_bytes_max) {
      return refuse("more than 64 MiB", "this is an example: serve a smaller zone");
    }
  }
  if (std::ferror(open.get()) != 0) {
    return refuse(std::system_category().message(errno), "name a zone file that can be read");
  }
  return parse_zone_file(text, file);
}

}  // namespace dns_responder
