#include "tools/weir/bench/rounds/contender.h"

#include <signal.h>

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "tools/weir/common/shell_words.h"

namespace weir::tools::bench {
namespace {

constexpr std::chrono::seconds start_patience{10};
constexpr std::chrono::seconds end_patience{10};
constexpr std::string_view ready = "READY ";

}  // namespace

std::string_view to_text(Role role) noexcept {
  static constexpr std::array<std::string_view, 7> words = {"weir",  "again",   "build",     "raw",
                                                            "floor", "library", "write_each"};
  return words[static_cast<std::size_t>(role)];
}

std::expected<RunningContender, std::string> RunningContender::start(const ContenderSpec& spec) {
  auto process = ChildProcess::start(spec.command.front(), spec.command);
  if (!process) return std::unexpected(process.error());
  const auto line = process->read_line(start_patience);
  if (line && line->starts_with(ready)) {
    const std::string_view rest = std::string_view(*line).substr(ready.size());
    return RunningContender(std::move(*process), std::string(rest.substr(0, rest.find(' '))));
  }
  if (line && *line == "CONNECTED") return RunningContender(std::move(*process), {});
  return std::unexpected(fmt::format("{} did not start: `{}` said {}", spec.name,
                                     shell_command(spec.command),
                                     line ? fmt::format("\"{}\"", *line) : "nothing"));
}

RunningContender::~RunningContender() {
  if (process_.pid() <= 0) return;
  process_.close_input();
  if (!address_.empty()) process_.send(SIGINT);
  (void)process_.read_rest(end_patience);
  (void)process_.wait(end_patience);  // by force if it takes longer: see ChildProcess
}

std::optional<std::string> RunningContender::run(std::chrono::milliseconds patience) {
  if (!process_.write("go\n")) return std::nullopt;
  return process_.read_line(patience);
}

}  // namespace weir::tools::bench
