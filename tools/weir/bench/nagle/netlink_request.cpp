#include "tools/weir/bench/nagle/netlink_request.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "examples/delay_relay/file_descriptor.h"

namespace weir::tools::bench {

using delay_relay::failed;
using delay_relay::FileDescriptor;
using delay_relay::OrProblem;

NetlinkRequest::NetlinkRequest(std::uint16_t type, std::uint16_t flags) {
  nlmsghdr head{};
  head.nlmsg_type = type;
  head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
  put_structure(head);
}

void NetlinkRequest::append(std::span<const std::byte> bytes) {
  bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  bytes_.resize(NLMSG_ALIGN(bytes_.size()));
}

void NetlinkRequest::put(std::uint16_t attribute, std::span<const std::byte> value) {
  const rtattr head{.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(value.size())),
                    .rta_type = attribute};
  put_structure(head);
  append(value);
}

void NetlinkRequest::put(std::uint16_t attribute, std::uint32_t value) {
  put(attribute, std::as_bytes(std::span(&value, 1)));
}

void NetlinkRequest::put(std::uint16_t attribute, std::string_view text) {
  const std::string ended(text);
  put(attribute, std::as_bytes(std::span(ended.c_str(), ended.size() + 1)));
}

std::size_t NetlinkRequest::begin(std::uint16_t attribute) {
  const std::size_t begun = bytes_.size();
  put(attribute, std::span<const std::byte>());
  return begun;
}

void NetlinkRequest::end(std::size_t begun) {
  const auto length = static_cast<std::uint16_t>(bytes_.size() - begun);
  std::memcpy(bytes_.data() + begun + offsetof(rtattr, rta_len), &length, sizeof length);
}

std::span<const std::byte> NetlinkRequest::bytes() {
  const auto length = static_cast<std::uint32_t>(bytes_.size());
  std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
  return bytes_;
}

OrProblem<void> NetlinkRequest::send(const std::string& what) {
  const FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.is_open()) return failed(what);
  const std::span<const std::byte> request = bytes();
  if (::send(socket.get(), request.data(), request.size(), 0) < 0) return failed(what);
  // The answer is an error, 0 for none, and the request again.
  struct Answer {
    nlmsghdr head;
    nlmsgerr outcome;
  };
  std::array<std::byte, 8192> room;
  const ssize_t received = ::recv(socket.get(), room.data(), room.size(), 0);
  if (received < 0) return failed(what);
  Answer answer{};
  std::memcpy(&answer, room.data(), std::min(sizeof answer, static_cast<std::size_t>(received)));
  if (static_cast<std::size_t>(received) < sizeof answer || answer.head.nlmsg_type != NLMSG_ERROR) {
    errno = EPROTO;
    return failed(what);
  }
  if (answer.outcome.error == 0) return {};
  errno = -answer.outcome.error;
  return failed(what);
}

}  // namespace weir::tools::bench
