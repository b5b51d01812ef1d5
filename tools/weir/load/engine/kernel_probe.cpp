#include "tools/weir/load/engine/kernel_probe.h"

#include <variant>
#include <vector>

#include "tools/weir/load/message/dialogue.h"
#include "weir/core/timer_queue.h"

namespace weir::tools::load {
namespace {

std::optional<std::size_t> answer_bytes(const Options& options, std::size_t request_bytes) {
  const Expectation expectation = effective_expectation(options.message);
  if (std::holds_alternative<ExpectEcho>(expectation)) return request_bytes;
  const auto* const bytes = std::get_if<ExpectBytes>(&expectation);
  if (bytes != nullptr && options.message.codec.is_raw()) return bytes->count;
  return std::nullopt;
}

/// Of a connection that the load does not have.
std::vector<std::byte> example_request(const Options& options) {
  const auto dialogue = make_dialogue(options.message, options.connections, options.seed);
  Chain bytes;
  dialogue->append_request({.number = 0, .due = Clock::now(), .payload_bytes = {}}, bytes);
  std::vector<std::byte> out;
  for (const Buffer& piece : bytes) {
    out.insert(out.end(), piece.bytes().begin(), piece.bytes().end());
  }
  return out;
}

}  // namespace

std::optional<KernelRttOptions> kernel_probe_options(const Options& options) {
  if (!options.samples_kernel || options.answers == Answers::none) return std::nullopt;
  KernelRttOptions probe{.target = options.target.address,
                         .transport = options.target.transport,
                         .timeout = options.timeout,
                         .seed = options.seed};
  if (options.target.transport == Transport::datagram) {
    probe.request.resize(options.message_bytes);
    probe.answer_bytes = options.message_bytes;
    return probe;
  }
  if (!options.target.address.is_ip()) return std::nullopt;
  probe.request = example_request(options);
  const auto bytes = answer_bytes(options, probe.request.size());
  if (!bytes || *bytes == 0) return std::nullopt;
  probe.answer_bytes = *bytes;
  return probe;
}

}  // namespace weir::tools::load
