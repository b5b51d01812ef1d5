// `weir load`: from argv to raw flags. What the texts mean is for `validate`.
#pragma once

#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace weir::tools::load {

struct RawFlags {
  std::optional<std::string> target;
  bool closed = false;
  std::optional<std::string> connections;
  std::optional<std::string> depth;
  std::optional<std::string> size;
  std::optional<std::string> duration;
  std::optional<std::string> timeout;
  std::optional<std::string> shards;
  std::optional<std::string> cpus;
  std::optional<std::string> backend;
  std::optional<std::string> output;
  std::optional<std::string> progress;
  // Of datagram targets.
  std::optional<std::string> rate;
  std::optional<std::string> lost_after;
  bool one_way = false;
  // Of open-loop load. Known, so that asking for it is answered with what there is instead.
  std::optional<std::string> arrival;
  std::optional<std::string> steps;
  std::optional<std::string> shape;
  std::optional<std::string> replay;
};

/// Adds the sub-command to `program`; parsing it fills `flags`, which must live that long.
CLI::App& add_flags(CLI::App& program, RawFlags& flags);

}  // namespace weir::tools::load
