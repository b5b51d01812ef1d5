// One request to the kernel's routing netlink (rtnetlink(7)): what neither ioctl nor a file can set
// up, such as a pair of devices or a queueing discipline.
//
//     nlmsghdr | a structure of the request's type | attribute | attribute | ...
//                                                    length, type, value, up to 4 bytes of padding
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "examples/delay_relay/problem.h"

namespace weir::tools::bench {

class NetlinkRequest {
 public:
  /// \param type   RTM_NEWLINK ...
  /// \param flags  beside those of a request that wants an answer: NLM_F_CREATE ...
  NetlinkRequest(std::uint16_t type, std::uint16_t flags);

  /// The structure that a type begins with, or that an attribute holds before others.
  template <typename T>
  void put_structure(const T& value) {
    append(std::as_bytes(std::span(&value, 1)));
  }
  void put(std::uint16_t attribute, std::span<const std::byte> value);
  void put(std::uint16_t attribute, std::uint32_t value);
  void put(std::uint16_t attribute, std::string_view text);  ///< with a final zero

  /// An attribute that holds what is put until it ends. \returns what `end` wants
  [[nodiscard]] std::size_t begin(std::uint16_t attribute);
  void end(std::size_t begun);

  /// Sends it in the calling thread's namespace and waits for the answer.
  /// \param what  is said to have failed if it did: "cannot make ..."
  [[nodiscard]] delay_relay::OrProblem<void> send(const std::string& what);

  /// Sends it likewise. \returns what the kernel tells before it says that it is done: one message,
  ///   an nlmsghdr and what its type holds; empty if there is none
  [[nodiscard]] delay_relay::OrProblem<std::vector<std::byte>> ask(const std::string& what);

  /// What has been put together, with its length in its head.
  [[nodiscard]] std::span<const std::byte> bytes();

 private:
  void append(std::span<const std::byte> bytes);

  std::vector<std::byte> bytes_;
};

}  // namespace weir::tools::bench
