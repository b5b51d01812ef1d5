#include "tools/weir/bench/nagle/netlink_request.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "examples/delay_relay/file_descriptor.h"

namespace weir::tools::bench {

using delay_relay::failed;
using delay_relay::FileDescriptor;
using delay_relay::OrProblem;

namespace {

/// More than the kernel tells of an interface.
constexpr std::size_t message_bytes_max = 32U << 10;

}  // namespace

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
  const auto told = ask(what);
  if (!told) return std::unexpected(told.error());
  return {};
}

OrProblem<std::vector<std::byte>> NetlinkRequest::ask(const std::string& what) {
  const FileDescriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (!socket.is_open()) return failed(what);
  const std::span<const std::byte> request = bytes();
  if (::send(socket.get(), request.data(), request.size(), 0) < 0) return failed(what);

  // The outcome is an error, 0 for none, and the request again.
  struct Acknowledgement {
    nlmsghdr head;
    nlmsgerr error;
  };
  std::vector<std::byte> told;
  while (true) {
    std::vector<std::byte> message(message_bytes_max);
    const ssize_t received = ::recv(socket.get(), message.data(), message.size(), 0);
    if (received < 0) return failed(what);
    message.resize(static_cast<std::size_t>(received));
    nlmsghdr head{};
    if (message.size() < sizeof head) break;
    std::memcpy(&head, message.data(), sizeof head);
    if (head.nlmsg_type != NLMSG_ERROR) {
      told = std::move(message);
      continue;
    }
    Acknowledgement outcome{};
    if (message.size() < sizeof outcome) break;
    std::memcpy(&outcome, message.data(), sizeof outcome);
    if (outcome.error.error == 0) return told;
    errno = -outcome.error.error;
    return failed(what);
  }
  errno = EPROTO;
  return failed(what);
}

}  // namespace weir::tools::bench
