// What the server answers and the client reads: a JsonHeader frame for each request.
//
//     {"data_size": 12}                                       exit status 0, stdout only
//     {"data_size": 40, "exit_status": 2, "stderr_size": 40}  anything else: with what there is
//
//     payload   | stdout: data_size - stderr_size bytes | stderr: stderr_size bytes |
//
// A plain success is, byte for byte, what the tutorial's server answers; its client skips members
// that it does not know. docs/exec.md lists them all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tools/weir/exec/command_run.h"
#include "weir/protocols/json_header.h"

namespace weir::tools::exec {

/// Why no program was run. The texts on the wire are the names here.
enum class Refusal : std::uint8_t {
  malformed,    ///< the request cannot be cut into words
  not_text,     ///< the request holds what no text does; ends the connection
  too_long,     ///< the request is longer than the server takes; ends the connection
  not_allowed,  ///< the program is not on the allow-list
  not_started,  ///< the program is, but could not be started
  busy,         ///< as many commands as may run at once did, all the time
};

[[nodiscard]] std::string_view to_text(Refusal refusal) noexcept;

[[nodiscard]] protocols::JsonFrame make_reply(CommandResult result);

/// \param message  for people, one line without its end; it is the payload, as stderr
[[nodiscard]] protocols::JsonFrame make_refusal(Refusal refusal, std::string_view message);

/// The members of a reply's header, each with its value if it is absent.
struct ReplyHeader {
  int exit_status = 0;
  int signal_number = 0;
  std::size_t error_bytes = 0;  ///< of the payload, at its end
  bool timed_out = false;
  bool truncated = false;
  std::string server_error;  ///< empty: the server could follow the command to its end
  std::string refusal;       ///< empty: the program was run

  bool operator==(const ReplyHeader&) const = default;
};

/// `nullopt` if a member that we know has a value that it can't have. Others are skipped.
[[nodiscard]] std::optional<ReplyHeader> read_reply_header(std::string_view header,
                                                           std::size_t payload_bytes);

/// What a shell would say of such an end: the exit status; 128 and the signal, that of SIGKILL if
/// the output was cut; 124 after the time limit, as timeout(1); 127 and 126 for what is not allowed
/// or not started; 125 for other refusals and for errors of the server.
[[nodiscard]] int to_exit_code(const ReplyHeader& header) noexcept;

}  // namespace weir::tools::exec
