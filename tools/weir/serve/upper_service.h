// `weir serve upper`: answers text lines in upper case.
//
//     many    "hello\nWorld\r\n"   ->   "HELLO\nWORLD\r\n"   each line when it is whole
//     one     " hello\n" ...       ->   "HELLO"              then the end of the stream
//
// `one` is the wire of the tutorial's socketserver program: the space around the line and its end
// are not part of the answer, whose end is that of the connection. Where that program takes
// whatever its first recv() returns for the request, this one waits for the whole line.
//
// Only a to z change, so UTF-8 stays valid. A line longer than `upper_line_bytes_max` ends its
// connection, after the answers to the lines before it.
#pragma once

#include <cstddef>

#include "weir/weir.h"

namespace weir::tools::serve {

inline constexpr std::size_t upper_line_bytes_max = std::size_t{64} << 10;

/// S: TcpStream or UnixStream.
template <typename S>
Task<Result<void>> upper_each_line(S stream);
template <typename S>
Task<Result<void>> upper_one_line(S stream);

}  // namespace weir::tools::serve
