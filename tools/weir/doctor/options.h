// What `weir doctor` was asked to do.
#pragma once

#include <cstdint>

namespace weir::tools::doctor {

enum class Format : std::uint8_t { text, json };

enum class Subject : std::uint8_t {
  machine,  ///< backend, features and limits
  sockets,  ///< what is said about sockets, tried out
};

struct Options {
  Subject subject = Subject::machine;
  Format format = Format::text;
};

}  // namespace weir::tools::doctor
