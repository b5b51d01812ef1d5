// `weir load`: from argv to raw flags. What the texts mean is for `validate`.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace weir::tools::load {

/// As they were written. A job's name may stand before the targets.
struct RawFlags {
  std::vector<std::string> words;  ///< job and targets
  // Load.
  bool closed = false;
  std::optional<std::string> rate;
  std::optional<std::string> arrival;
  std::optional<std::string> steps;
  std::optional<std::string> shape;
  std::optional<std::string> replay;
  std::optional<std::string> seed;
  std::optional<std::string> on_behind;
  std::optional<std::string> queue_max;
  std::optional<std::string> think;
  std::optional<std::string> duration;
  std::optional<std::string> requests;
  std::optional<std::string> warm_up;
  std::optional<std::string> timeout;
  bool yes = false;
  // Connections.
  std::optional<std::string> connections;
  std::optional<std::string> depth;
  std::optional<std::string> requests_per_connection;
  std::optional<std::string> lifetime;
  std::optional<std::string> connect_rate;
  std::optional<std::string> idle_connections;
  std::optional<std::string> sources;
  std::optional<std::string> nodelay;
  std::optional<std::string> quickack;
  bool cork = false;
  std::optional<std::string> send_buffer;
  std::optional<std::string> receive_buffer;
  // Messages.
  std::optional<std::string> codec;
  std::optional<std::string> size;
  std::optional<std::string> payload;
  std::optional<std::string> payload_file;
  std::optional<std::string> expect;
  std::optional<std::string> pattern;
  // Datagram targets.
  std::optional<std::string> lost_after;
  bool one_way = false;
  // Trust.
  std::optional<std::string> slo;
  std::optional<std::string> abort_on;
  bool strict = false;
  bool allow_untrusted = false;
  bool is_ci = false;  ///< CI=true in the environment
  std::optional<std::string> stamps;
  std::optional<std::string> pace;
  // Jobs.
  std::optional<std::string> rates;
  std::optional<std::string> range;
  std::optional<std::string> rounds;
  // This machine.
  std::optional<std::string> shards;
  std::optional<std::string> cpus;
  std::optional<std::string> backend;
  // Output.
  std::optional<std::string> output;
  std::optional<std::string> hlog;
  std::optional<std::string> csv;
  std::optional<std::string> html;
  std::vector<std::string> labels;
  std::optional<std::string> progress;
  // Where flags are set besides the command line.
  std::optional<std::string> config;

  bool operator==(const RawFlags&) const = default;
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::load
