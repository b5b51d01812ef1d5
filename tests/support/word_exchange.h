// The smallest thing that shows that a backend works: a word over a loopback connection.
#pragma once

#include <string>

#include "weir/weir.h"

namespace weir::test {

inline Task<Result<std::string>> exchange_a_word() {
  TcpListener listener = TcpListener::bind(Address::loopback(0)).value();
  TcpStream client = (co_await connect(listener.address())).value();
  TcpStream server = (co_await listener.accept()).value();
  const WriteResult written = co_await client.write("word");
  if (!written) co_return std::unexpected(written.error());
  const Result<Chain> read = co_await server.read_exactly(4);
  if (!read) co_return std::unexpected(read.error());
  co_return read->to_string();
}

}  // namespace weir::test
