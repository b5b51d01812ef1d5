#include "tools/weir/bench/nagle/veth_link.h"

#include <linux/if_link.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>

#include <string>

#include "tools/weir/bench/nagle/netlink_request.h"
#include "tools/weir/bench/nagle/operational_state.h"

namespace weir::tools::bench {
namespace {

using delay_relay::failed;
using delay_relay::Ipv4Address;
using delay_relay::NetworkInterface;
using delay_relay::NetworkNamespace;
using delay_relay::OrProblem;

const std::string device = "weir0";
/// Of the block that RFC 2544 sets apart for measuring.
constexpr Ipv4Address client_end = {198, 18, 0, 1};
constexpr Ipv4Address server_end = {198, 18, 0, 2};
constexpr unsigned prefix_bits = 30;
/// What a thin link holds before it drops, in bytes, whatever its rate: 100 ms at 10 Mbit/s.
constexpr std::uint32_t queue_bytes = 125'000;
constexpr std::uint32_t ethernet_header_bytes = 14;

/// In the calling thread's namespace; its other end is in `peer_home`.
OrProblem<void> make_pair(const NetworkNamespace& peer_home) {
  NetlinkRequest request(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
  request.put_structure(ifinfomsg{});
  request.put(IFLA_IFNAME, device);
  const std::size_t link = request.begin(IFLA_LINKINFO);
  request.put(IFLA_INFO_KIND, std::string_view("veth"));
  const std::size_t options = request.begin(IFLA_INFO_DATA);
  const std::size_t peer = request.begin(VETH_INFO_PEER);
  request.put_structure(ifinfomsg{});
  request.put(IFLA_IFNAME, device);
  request.put(IFLA_NET_NS_FD, static_cast<std::uint32_t>(peer_home.fd()));
  request.end(peer);
  request.end(options);
  request.end(link);
  return request.send("cannot make a pair of virtual Ethernet devices");
}

OrProblem<void> set_up(const NetworkNamespace& home, const Ipv4Address& address,
                       unsigned mtu_bytes) {
  return home.run([&]() -> OrProblem<void> {
    const OrProblem<NetworkInterface> end = NetworkInterface::find(device);
    if (!end) return std::unexpected(end.error());
    OrProblem<void> done = end->disable_ipv6();
    if (done) done = end->set_mtu(mtu_bytes);
    if (done) done = end->set_address(address, prefix_bits);
    if (done) done = end->bring_up();
    return done;
  });
}

}  // namespace

OrProblem<VethLink> VethLink::make(unsigned mtu_bytes) {
  OrProblem<NetworkNamespace> client = NetworkNamespace::make();
  if (!client) return std::unexpected(client.error());
  OrProblem<NetworkNamespace> server = NetworkNamespace::make();
  if (!server) return std::unexpected(server.error());
  OrProblem<void> done = client->run([&server] { return make_pair(*server); });
  if (done) done = set_up(*client, client_end, mtu_bytes);
  if (done) done = set_up(*server, server_end, mtu_bytes);
  // Before that it drops what is sent.
  if (done) done = client->run([] { return wait_until_operational(device); });
  if (done) done = server->run([] { return wait_until_operational(device); });
  if (!done) return std::unexpected(done.error());
  return VethLink(std::move(*client), std::move(*server), mtu_bytes);
}

OrProblem<void> VethLink::limit_rate(std::uint64_t bits_per_s) {
  return client_.run([&]() -> OrProblem<void> {
    const std::string what = "cannot limit the rate of a virtual Ethernet device";
    const unsigned index = ::if_nametoindex(device.c_str());
    if (index == 0) return failed(what);
    tc_tbf_qopt limits{};
    limits.rate.rate = static_cast<std::uint32_t>(bits_per_s / 8);
    limits.rate.linklayer = TC_LINKLAYER_ETHERNET;
    limits.limit = queue_bytes;
    NetlinkRequest request(RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
    tcmsg message{};
    message.tcm_ifindex = static_cast<int>(index);
    message.tcm_parent = TC_H_ROOT;
    request.put_structure(message);
    request.put(TCA_KIND, std::string_view("tbf"));
    const std::size_t options = request.begin(TCA_OPTIONS);
    request.put(TCA_TBF_PARMS, std::as_bytes(std::span(&limits, 1)));
    // One packet at once: what leaves is as even as can be.
    request.put(TCA_TBF_BURST, mtu_bytes_ + ethernet_header_bytes);
    request.end(options);
    return request.send(what);
  });
}

Ipv4Address VethLink::server_address() noexcept { return server_end; }

}  // namespace weir::tools::bench
