#include "tools/weir/common/flag_settings.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "tools/weir/common/nearest_match.h"

namespace weir::tools {
namespace {

/// The name by which settings call a flag; none: a positional argument.
std::optional<std::string> name_of(const CLI::Option& option) {
  if (option.get_lnames().empty()) return std::nullopt;
  return option.get_lnames().front();
}

bool is_switch(const CLI::Option& option) { return option.get_expected_max() == 0; }

bool may_repeat(const CLI::Option& option) { return option.get_expected_max() > 1; }

std::optional<bool> parse_switch(std::string_view text) noexcept {
  for (const std::string_view word : {"true", "on", "yes", "1"}) {
    if (text == word) return true;
  }
  for (const std::string_view word : {"false", "off", "no", "0"}) {
    if (text == word) return false;
  }
  return std::nullopt;
}

/// Whether `flag` stands in `message` by itself, and not as the beginning of a longer one.
bool names(std::string_view message, std::string_view flag) noexcept {
  const auto is_part = [&message](std::size_t at) {
    return at < message.size() &&
           (std::isalnum(static_cast<unsigned char>(message[at])) != 0 || message[at] == '-');
  };
  for (std::size_t at = message.find(flag); at != std::string_view::npos;
       at = message.find(flag, at + 1)) {
    if (!is_part(at + flag.size()) && (at == 0 || !is_part(at - 1))) return true;
  }
  return false;
}

}  // namespace

FlagSettings::FlagSettings(CLI::App& command, Alternatives alternatives,
                           std::set<std::string> hidden)
    : command_(command), alternatives_(std::move(alternatives)), hidden_(std::move(hidden)) {
  for (const CLI::Option* option : command_.get_options([](const CLI::Option*) { return true; })) {
    const auto name = name_of(*option);
    if (name && option->count() > 0) cover(*name);
  }
}

Checked<void> FlagSettings::apply(std::span<const Setting> settings,
                                  const std::function<bool(const std::string&)>& takes) {
  std::map<std::string, std::string> seen;  // name to origin, in this layer
  std::vector<CLI::Option*> filled;
  std::set<std::string> switched_off;
  for (const Setting& setting : settings) {
    const auto option = find(setting);
    if (!option) return std::unexpected(option.error());
    const auto [before, is_first] = seen.emplace(setting.name, setting.origin);
    if (!is_first && !may_repeat(**option)) {
      return usage_error(
          fmt::format("{}: {} was set before ({})", setting.origin, setting.name, before->second));
    }
    const auto is_on = is_switch(**option) ? parse_switch(setting.value) : true;
    if (!is_on) {
      return usage_error(
          fmt::format("{}: \"{}\" is neither true nor false", setting.origin, setting.value));
    }
    if (!*is_on) switched_off.insert(setting.name);
    if (covered_.contains(setting.name) || !takes(setting.name)) continue;
    origins_[setting.name] = setting.origin;
    if (!*is_on) continue;
    (*option)->add_result(is_switch(**option) ? "true" : setting.value);
    filled.push_back(*option);
  }
  for (CLI::Option* const option : filled) option->run_callback();
  for (const auto& [name, origin] : seen) {
    // What is off says nothing about its alternatives.
    if (switched_off.contains(name)) {
      covered_.insert(name);
    } else {
      cover(name);
    }
  }
  return {};
}

std::string FlagSettings::explain(std::string message) const {
  std::string places;
  for (const auto& [name, origin] : origins_) {
    const CLI::Option* const option = command_.get_option_no_throw("--" + name);
    bool is_named = names(message, "--" + name);
    for (const std::string& letter : option->get_snames()) {
      is_named = is_named || names(message, "-" + letter);
    }
    if (!is_named) continue;
    places += fmt::format("{}--{} is from {}", places.empty() ? "" : ", ", name, origin);
  }
  return places.empty() ? message : fmt::format("{} ({})", message, places);
}

Checked<CLI::Option*> FlagSettings::find(const Setting& setting) const {
  std::vector<std::string> known;
  for (CLI::Option* option : command_.get_options([](const CLI::Option*) { return true; })) {
    const auto name = name_of(*option);
    if (!name || hidden_.contains(*name)) continue;
    if (*name == setting.name) return option;
    known.push_back(*name);
  }
  const auto nearest = nearest_match(setting.name, known);
  return usage_error(fmt::format("{}: there is no flag \"{}\"{}", setting.origin, setting.name,
                                 nearest ? fmt::format("; did you mean \"{}\"?", *nearest) : ""));
}

void FlagSettings::cover(const std::string& name) {
  covered_.insert(name);
  for (const auto& group : alternatives_) {
    if (std::find(group.begin(), group.end(), name) == group.end()) continue;
    for (const std::string_view other : group) covered_.insert(std::string(other));
  }
}

}  // namespace weir::tools
