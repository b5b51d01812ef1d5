#include "tools/weir/exec/reply.h"

#include <signal.h>

#include <cstring>
#include <span>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace weir::tools::exec {
namespace {

constexpr int exit_status_max = 255;
constexpr int signal_number_max = 64;

/// Reads a whole number from 0 to `max`, if the member is there. \returns false if it is something
/// else.
template <typename T>
bool read_number(const nlohmann::json& header, const char* key, T max, T& value) {
  const auto member = header.find(key);
  if (member == header.end()) return true;
  if (!member->is_number_unsigned()) return false;
  const auto number = member->get<std::uint64_t>();
  if (number > static_cast<std::uint64_t>(max)) return false;
  value = static_cast<T>(number);
  return true;
}

bool read_flag(const nlohmann::json& header, const char* key, bool& value) {
  const auto member = header.find(key);
  if (member == header.end()) return true;
  if (!member->is_boolean()) return false;
  value = member->get<bool>();
  return true;
}

bool read_text(const nlohmann::json& header, const char* key, std::string& value) {
  const auto member = header.find(key);
  if (member == header.end()) return true;
  if (!member->is_string()) return false;
  value = member->get<std::string>();
  return true;
}

}  // namespace

std::string_view to_text(Refusal refusal) noexcept {
  switch (refusal) {
    case Refusal::malformed:
      return "malformed";
    case Refusal::not_text:
      return "not_text";
    case Refusal::too_long:
      return "too_long";
    case Refusal::not_allowed:
      return "not_allowed";
    case Refusal::not_started:
      return "not_started";
    case Refusal::busy:
      return "busy";
  }
  return "";
}

protocols::JsonFrame make_reply(CommandResult result) {
  const std::size_t error_bytes = result.errors.size();
  protocols::JsonFrame reply({}, std::move(result.output));
  reply.payload.append(std::move(result.errors));

  const bool is_plain = result.end == ChildEnd{} && error_bytes == 0 && !result.timed_out &&
                        !result.truncated && !result.failure;
  if (is_plain) return reply;  // the codec writes the header
  reply.header = fmt::format("{{\"data_size\": {}", reply.payload.size());
  if (result.end.signal_number != 0) {
    reply.header += fmt::format(", \"signal\": {}", result.end.signal_number);
  } else {
    reply.header += fmt::format(", \"exit_status\": {}", result.end.exit_status);
  }
  if (error_bytes != 0) reply.header += fmt::format(", \"stderr_size\": {}", error_bytes);
  if (result.timed_out) reply.header += ", \"timed_out\": true";
  if (result.truncated) reply.header += ", \"truncated\": true";
  if (result.failure) {
    const nlohmann::json message = result.failure.message();
    reply.header += fmt::format(", \"server_error\": {}", message.dump());
  }
  reply.header += '}';
  return reply;
}

protocols::JsonFrame make_refusal(Refusal refusal, std::string_view message) {
  const std::string line = fmt::format("{}\n", message);
  protocols::JsonFrame reply({}, Buffer::copy_of(std::as_bytes(std::span(line))));
  reply.header = fmt::format("{{\"data_size\": {0}, \"refused\": \"{1}\", \"stderr_size\": {0}}}",
                             line.size(), to_text(refusal));
  return reply;
}

std::optional<ReplyHeader> read_reply_header(std::string_view header, std::size_t payload_bytes) {
  const nlohmann::json json = nlohmann::json::parse(header, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  ReplyHeader reply;
  const bool is_valid = read_number(json, "exit_status", exit_status_max, reply.exit_status) &&
                        read_number(json, "signal", signal_number_max, reply.signal_number) &&
                        read_number(json, "stderr_size", payload_bytes, reply.error_bytes) &&
                        read_flag(json, "timed_out", reply.timed_out) &&
                        read_flag(json, "truncated", reply.truncated) &&
                        read_text(json, "server_error", reply.server_error) &&
                        read_text(json, "refused", reply.refusal);
  if (!is_valid) return std::nullopt;
  return reply;
}

int to_exit_code(const ReplyHeader& header) noexcept {
  if (header.refusal == to_text(Refusal::not_allowed)) return 127;
  if (header.refusal == to_text(Refusal::not_started)) return 126;
  if (!header.refusal.empty() || !header.server_error.empty()) return 125;
  if (header.timed_out) return 124;
  // It may have ended by itself before it was killed: what arrived is incomplete all the same.
  if (header.truncated) return 128 + SIGKILL;
  if (header.signal_number != 0) return 128 + header.signal_number;
  return header.exit_status;
}

}  // namespace weir::tools::exec
